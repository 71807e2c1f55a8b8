; A resident V86 monitor for DOS as EMM386 is one: from here on DOS runs as a V86 task at IOPL 3 with paging, every INT n comes by a general
; protection fault and is handed on, INT 15h 87h is done here, and INT 67h DExxh is a VCPI server (VCPI Specification 1.0). Wants XMS, whose memory
; it hands out. nasm -f bin -o MONITOR.COM monitor.asm
        cpu     686
        org     0x100

POOL_PAGES equ  64
STACK   equ     1024
CODE    equ     0x08
DATA    equ     0x10
FLAT    equ     0x18
TASK    equ     0x20

        bits    16
        jmp     install

; --- what stays ---

        align   8
gdt:    dq      0
        dq      0x00409B000000FFFF      ; code and data: base filled in
        dq      0x004093000000FFFF
        dq      0x00CF93000000FFFF
        dq      0x0000890000002068      ; 104 bytes and the map of ports, 2000h + 1
gdt_end:
gdtr:   dw      gdt_end - gdt - 1
        dd      0
idtr:   dw      256 * 8 - 1
        dd      0
cr3_value:
        dd      0
pool:   dd      0                       ; physical address of the pages that are handed out
free_pages:
        dd      POOL_PAGES
free_list:
        times   POOL_PAGES dd 0

        bits    32
stubs:
%rep 256
        call    near trap
%endrep

; On the stack of level 0, which is empty but for this: [error code,] EIP, CS, EFLAGS, ESP, SS, ES, DS, FS, GS of the V86 task. Vectors 8 to 15 are
; faults or hardware interrupts: the depth of the stack tells.
REGISTERS equ   32
trap:   pushad
        mov     eax, DATA
        mov     ds, ax
        mov     eax, FLAT
        mov     es, ax
        mov     eax, [esp + REGISTERS]
        sub     eax, stubs + 5
        xor     edx, edx
        mov     ecx, 5
        div     ecx
        mov     ebx, eax                ; vector
        lea     ebp, [esp + REGISTERS + 4]
        cmp     ebp, stack_top - 36
        je      reflect_plain
        add     ebp, 4
        cmp     ebx, 13
        jne     stop
        call    protection
        popad
        add     esp, 8
        iretd
reflect_plain:
        call    reflect
        popad
        add     esp, 4
        iretd

; Something that a V86 task must not do: shown on the screen.
stop:   mov     word [es:0xB8000], 0x4F56
        mov     al, bl
        add     al, 'A'
        mov     [es:0xB8002], al
        cli
        hlt
        jmp     stop

; EBX = vector, EBP = frame: as the processor does it in real mode.
reflect:
        movzx   edi, word [ebp + 16]
        shl     edi, 4
        mov     ecx, [ebp + 12]
        sub     cx, 6
        mov     [ebp + 12], ecx
        movzx   ecx, cx
        add     edi, ecx
        mov     eax, [ebp + 8]
        mov     [es:edi + 4], ax
        mov     eax, [ebp + 4]
        mov     [es:edi + 2], ax
        mov     eax, [ebp]
        mov     [es:edi], ax
        movzx   eax, word [es:ebx * 4]
        mov     [ebp], eax
        movzx   eax, word [es:ebx * 4 + 2]
        mov     [ebp + 4], eax
        and     dword [ebp + 8], ~0x300
        ret

protection:
        movzx   esi, word [ebp + 4]
        shl     esi, 4
        movzx   eax, word [ebp]
        add     esi, eax
        mov     al, [es:esi]
        inc     word [ebp]
        cmp     al, 0xF4                ; HLT: DOS goes on asking
        je      .done
        mov     ebx, 3
        cmp     al, 0xCC
        je      reflect
        mov     bl, 4
        cmp     al, 0xCE
        je      reflect
        cmp     al, 0xCD
        jne     stop
        inc     word [ebp]
        movzx   ebx, byte [es:esi + 1]
        mov     eax, [esp + 4 + 28]
        cmp     bl, 0x15
        jne     .not_move
        cmp     ah, 0x87
        je      move
.not_move:
        cmp     bl, 0x67
        jne     reflect
        cmp     ah, 0xDE
        jne     reflect
        jmp     vcpi
.done:  ret

; INT 15h 87h: CX words by the descriptors at ES:SI. Memory is mapped as it is, in pages of 4 MB.
move:   movzx   edx, word [ebp + 20]
        shl     edx, 4
        movzx   eax, word [esp + 4 + 4]
        add     edx, eax
        mov     esi, [es:edx + 0x12]
        and     esi, 0xFFFFFF
        mov     eax, [es:edx + 0x14]
        and     eax, 0xFF000000
        or      esi, eax
        mov     edi, [es:edx + 0x1A]
        and     edi, 0xFFFFFF
        mov     eax, [es:edx + 0x1C]
        and     eax, 0xFF000000
        or      edi, eax
        movzx   ecx, word [esp + 4 + 24]
        mov     eax, FLAT
        mov     ds, ax
        cld
        rep movsw
        mov     eax, DATA
        mov     ds, ax
        mov     byte [esp + 4 + 29], 0
        and     byte [ebp + 8], ~1
        ret

; --- VCPI from V86 mode: registers at ESP + 4 (EDI, ESI, EBP, -, EBX, EDX, ECX, EAX) ---

vcpi:   mov     byte [esp + 4 + 29], 0
        cmp     al, 0x0C
        je      to_protected
        cmp     al, 0x00
        je      .present
        cmp     al, 0x01
        je      .interface
        cmp     al, 0x03
        je      .count
        cmp     al, 0x04
        je      .take
        cmp     al, 0x05
        je      .give
        cmp     al, 0x06
        je      .physical
        cmp     al, 0x0A
        je      .vectors
        mov     byte [esp + 4 + 29], 0x8F
        ret
.present:
        mov     word [esp + 4 + 16], 0x0100
        ret
.interface:
        movzx   edi, word [ebp + 20]    ; ES:DI: the page table
        shl     edi, 4
        movzx   eax, word [esp + 4]
        add     edi, eax
        add     word [esp + 4], 272 * 4
        mov     esi, [cr3_value]
        mov     esi, [es:esi]
        and     esi, 0xFFFFF000
        mov     eax, FLAT
        mov     ds, ax
        mov     ecx, 272
        cld
        rep movsd
        mov     eax, DATA
        mov     ds, ax
        movzx   edi, word [ebp + 24]    ; DS:SI: three descriptors
        shl     edi, 4
        movzx   eax, word [esp + 4 + 4]
        add     edi, eax
        mov     esi, gdt + 8
        mov     ecx, 6
        rep movsd
        mov     dword [esp + 4 + 16], protected_entry
        ret
.count: mov     eax, [free_pages]
        mov     [esp + 4 + 20], eax
        ret
.take:  call    take_page
        mov     [esp + 4 + 20], edx
        mov     [esp + 4 + 29], ah
        ret
.give:  mov     edx, [esp + 4 + 20]
        call    give_page
        ret
.physical:
        movzx   eax, word [esp + 4 + 24]
        shl     eax, 12
        mov     [esp + 4 + 20], eax
        ret
.vectors:
        mov     word [esp + 4 + 16], 0x08
        mov     word [esp + 4 + 24], 0x70
        ret

take_page:
        mov     ah, 0x88
        xor     edx, edx
        mov     ecx, [free_pages]
        jecxz   .none
        dec     ecx
        mov     [free_pages], ecx
        mov     edx, [free_list + ecx * 4]
        mov     ah, 0
.none:  ret

give_page:
        mov     ecx, [free_pages]
        mov     [free_list + ecx * 4], edx
        inc     dword [free_pages]
        ret

; DE0Ch: by the structure at the linear address ESI: CR3, addresses of GDTR and IDTR, LDTR, TR, EIP, CS.
to_protected:
        mov     esi, [esp + 4 + 4]
        mov     eax, [es:esi]
        mov     cr3, eax
        mov     ecx, [es:esi + 4]
        lgdt    [es:ecx]
        mov     ecx, [es:ecx + 2]
        mov     edx, [es:esi + 8]
        lidt    [es:edx]
        movzx   edx, word [es:esi + 14]
        and     byte [es:ecx + edx + 5], ~2
        lldt    word [es:esi + 12]
        ltr     dx
        jmp     far dword [es:esi + 16]

; --- VCPI from protected mode, called far with the client's tables ---

protected_entry:
        cmp     ax, 0xDE0C
        je      to_v86
        cmp     ax, 0xDE03
        je      .count
        mov     ah, 0x8F
        retf
.count: mov     edx, [cs:free_pages]
        mov     ah, 0
        retf

; On the stack behind the return address: the frame of an IRETD to V86 mode.
to_v86: cli
        add     esp, 8
        lgdt    [cs:gdtr]
        lidt    [cs:idtr]
        mov     eax, [cs:cr3_value]
        mov     cr3, eax
        mov     eax, DATA
        mov     ds, ax
        and     byte [gdt + TASK + 5], ~2
        mov     eax, TASK
        ltr     ax
        xor     eax, eax
        lldt    ax
        mov     dword [ss:esp + 8], 0x23002
        iretd

protected_start:
        mov     eax, DATA
        mov     ds, ax
        mov     ss, ax
        movzx   ebx, sp
        mov     esp, stack_top
        mov     eax, TASK
        ltr     ax
        xor     eax, eax
        lldt    ax
        movzx   ecx, word [own_segment]
        push    ecx                     ; GS, FS, DS, ES, SS, ESP
        push    ecx
        push    ecx
        push    ecx
        push    ecx
        push    ebx
        push    dword 0x23002
        push    ecx
        push    dword resident
        iretd

        bits    16
emm_stub:
        iret
resident:
        sti
        xor     ax, ax
        mov     es, ax
        mov     word [es:0x67 * 4], emm_stub
        mov     [es:0x67 * 4 + 2], cs
        mov     dx, text_running
        mov     ah, 9
        int     0x21
        mov     dx, room_end + 15
        shr     dx, 4
        mov     ax, 0x3100
        int     0x21

own_segment:
        dw      0
text_running:
        db      "V86 monitor: running", 13, 10, "$"

; --- what is needed once ---

install:
        mov     sp, install_stack
        mov     [own_segment], cs
        smsw    ax
        test    al, 1
        mov     dx, text_twice
        jnz     .fail
        mov     ax, 0x4300
        int     0x2F
        cmp     al, 0x80
        mov     dx, text_xms
        jne     .fail
        mov     ax, 0x4310
        int     0x2F
        mov     [xms], bx
        mov     [xms + 2], es
        mov     ah, 5
        call    far [xms]               ; A20 on
        mov     dx, POOL_PAGES * 4 + 4
        mov     ah, 9
        call    far [xms]
        mov     dx, dx
        test    ax, ax
        push    dx
        mov     dx, text_xms
        jnz     .allocated
.fail:  mov     ah, 9
        int     0x21
        mov     ax, 0x4C01
        int     0x21
.allocated:
        pop     dx
        mov     ah, 0x0C
        call    far [xms]
        shl     edx, 16
        mov     dx, bx
        add     edx, 4095
        and     edx, ~4095
        mov     [pool], edx
        mov     di, free_list
        mov     cx, POOL_PAGES
.page:  mov     [di], edx
        add     edx, 4096
        add     di, 4
        loop    .page
        xor     eax, eax                ; room is not in the file
        mov     di, room
        mov     cx, (room_end - room) / 4
        push    ds
        pop     es
        cld
        rep stosd
        xor     ebp, ebp
        mov     bp, cs
        shl     ebp, 4
        or      [gdt + CODE + 2], ebp
        or      [gdt + DATA + 2], ebp
        lea     eax, [ebp + task]
        or      [gdt + TASK + 2], eax
        lea     eax, [ebp + gdt]
        mov     [gdtr + 2], eax
        lea     eax, [ebp + idt]
        mov     [idtr + 2], eax
        mov     dword [task + 4], stack_top
        mov     word [task + 8], DATA
        mov     word [task + 102], 104
        mov     byte [task + 104 + 8192], 0xFF
        mov     di, idt
        mov     eax, stubs
.gate:  mov     [di], ax
        mov     dword [di + 2], CODE
        mov     word [di + 5], 0x008E
        add     di, 8
        add     ax, 5
        cmp     di, idt + 256 * 8
        jb      .gate
        ; The directory and one table, on pages: the first 4 MB are the task's, all else is mapped as it is for level 0.
        lea     edx, [ebp + pages + 4095]
        and     edx, ~4095
        mov     [cr3_value], edx
        mov     eax, edx
        shr     eax, 4
        mov     es, ax
        lea     eax, [edx + 4096 + 7]
        mov     [es:0], eax
        mov     eax, 0x400083
        mov     di, 4
.large: mov     [es:di], eax
        add     eax, 0x400000
        add     di, 4
        cmp     di, 64 * 4
        jb      .large
        mov     eax, 7
        mov     di, 4096
.small: mov     [es:di], eax
        add     eax, 4096
        add     di, 4
        cmp     di, 8192
        jb      .small
        cli
        lgdt    [gdtr]
        lidt    [idtr]
        mov     eax, cr4
        or      al, 0x10
        mov     cr4, eax
        mov     cr3, edx
        mov     eax, cr0
        or      eax, 0x80000001
        mov     cr0, eax
        jmp     dword CODE:protected_start
text_twice:
        db      "V86 monitor: the processor is in protected mode already", 13, 10, "$"
text_xms:
        db      "V86 monitor: no XMS", 13, 10, "$"
xms:    dd      0

        align   16
file_end:
        absolute file_end
room:
task:   resb    104 + 8192 + 1 + 7
idt:    resb    256 * 8
        resb    STACK
stack_top:
        resb    STACK
install_stack:
pages:  resb    3 * 4096
room_end:
