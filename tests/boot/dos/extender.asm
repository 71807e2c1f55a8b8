; A DOS program that goes to protected mode as DOS extenders do, and calls DOS from there: in real mode by itself, with extended memory and A20 from
; XMS if it is there, else by the BIOS; below a V86 monitor by VCPI 1.0. It reads itself into extended memory again and again, lets the timer's
; interrupts come in protected mode, and catches a division by zero. nasm -f bin -o EXTENDER.COM extender.asm
        cpu     686
        org     0x100

CODE32  equ     0x08
DATA32  equ     0x10
FLAT    equ     0x18
CODE16  equ     0x20
DATA16  equ     0x28
TASK    equ     0x30
SERVER  equ     0x38                    ; and two more, the server's
WORK    equ     0x200000                ; without XMS
WORK_VCPI equ   0x400000                ; linear
PAGES   equ     16
ROUNDS  equ     3
CALLS   equ     2000
CHUNK   equ     512

        bits    16
        mov     sp, real_stack
        mov     di, room
        mov     cx, room_end - room
        xor     ax, ax
        cld
        rep stosb
        call    make_tables
        smsw    ax
        test    al, 1
        jnz     below_monitor

; --- real mode: XMS or the BIOS ---

        mov     ax, 0x4300
        int     0x2F
        cmp     al, 0x80
        jne     .no_xms
        mov     ax, 0x4310
        int     0x2F
        mov     [xms], bx
        mov     [xms + 2], es
        mov     ah, 5
        call    far [xms]
        mov     dx, PAGES * 4
        mov     ah, 9
        call    far [xms]
        test    ax, ax
        jz      fail
        mov     ah, 0x0C
        call    far [xms]
        shl     edx, 16
        mov     dx, bx
        mov     [work], edx
        mov     word [way], text_xms
        jmp     to_protected
.no_xms:
        mov     ax, 0x2401
        int     0x15
        jc      fail
        mov     dword [work], WORK
        mov     word [way], text_raw
to_protected:
        cli
        push    cs
        pop     ds
        lgdt    [gdtr]
        lidt    [idtr]
        mov     eax, cr0
        or      al, 1
        mov     cr0, eax
        jmp     dword CODE32:protected

fail:   push    cs
        pop     ds
        mov     dx, text_fail
        mov     ah, 9
        int     0x21
        mov     ax, 0x4C01
        int     0x21

; --- V86 mode: VCPI ---

below_monitor:
        xor     ax, ax
        mov     es, ax
        cmp     dword [es:0x67 * 4], 0
        je      fail
        mov     ax, 0xDE00
        int     0x67
        test    ah, ah
        jnz     fail
        mov     eax, [base]             ; the client's directory and tables, on pages
        add     eax, pages + 4095
        and     eax, ~4095
        mov     [directory], eax
        shr     eax, 4
        add     ax, 0x100
        mov     es, ax                  ; the first table
        xor     di, di
        mov     si, gdt + SERVER
        mov     ax, 0xDE01
        int     0x67
        test    ah, ah
        jnz     fail
        mov     [server], ebx
        add     word [server + 4], SERVER
        mov     eax, [directory]
        shr     eax, 4
        mov     es, ax
        mov     eax, [directory]
        call    physical
        mov     [switch_cr3], eax
        mov     eax, [directory]
        add     eax, 4096
        call    physical
        or      al, 7
        mov     [es:0], eax
        mov     eax, [directory]
        add     eax, 8192
        call    physical
        or      al, 7
        mov     [es:4], eax
        mov     di, 8192
        mov     cx, PAGES
.page:  push    cx
        mov     ax, 0xDE04
        int     0x67
        pop     cx
        test    ah, ah
        jnz     fail
        or      dl, 7
        mov     [es:di], edx
        add     di, 4
        loop    .page
        mov     dword [work], WORK_VCPI
        mov     word [way], text_vcpi
        mov     eax, [base]
        add     eax, gdtr
        mov     [switch_gdtr], eax
        mov     eax, [base]
        add     eax, idtr
        mov     [switch_idtr], eax
        mov     dword [switch_to], protected
        mov     byte [vcpi], 1
vcpi_to_protected:
        cli
        mov     esi, [base]
        add     esi, switch
        mov     ax, 0xDE0C
        int     0x67

; The physical address of the linear one in EAX, which is below 1 MB.
physical:
        push    ecx
        mov     ecx, eax
        shr     ecx, 12
        mov     ax, 0xDE06
        int     0x67
        mov     eax, edx
        pop     ecx
        ret

make_tables:
        xor     eax, eax
        mov     ax, cs
        mov     [real_jump + 3], ax
        shl     eax, 4
        mov     [base], eax
        or      [gdt + CODE32 + 2], eax
        or      [gdt + DATA32 + 2], eax
        or      [gdt + CODE16 + 2], eax
        or      [gdt + DATA16 + 2], eax
        lea     ecx, [eax + task]
        or      [gdt + TASK + 2], ecx
        lea     ecx, [eax + gdt]
        mov     [gdtr + 2], ecx
        add     eax, idt
        mov     [idtr + 2], eax
        mov     word [task + 102], 104
        mov     di, idt
        mov     ax, stubs
.gate:  mov     [di], ax
        mov     word [di + 2], CODE32
        mov     byte [di + 5], 0x8E
        add     di, 8
        add     ax, 5
        cmp     di, idt + 256 * 8
        jb      .gate
        ret

; --- down to DOS and back: the 16-bit half ---

leave_protected:
        mov     ax, DATA16
        mov     ds, ax
        mov     es, ax
        mov     fs, ax
        mov     gs, ax
        mov     ss, ax
        mov     eax, cr0
        and     al, ~1
        mov     cr0, eax
real_jump:
        jmp     0:in_real
in_real:
        lidt    [cs:real_idtr]
in_v86: mov     ax, cs
        mov     ds, ax
        mov     es, ax
        mov     ss, ax
        mov     sp, real_stack
        mov     eax, [regs]
        mov     ebx, [regs + 4]
        mov     ecx, [regs + 8]
        mov     edx, [regs + 12]
        sti
interrupt:
        int     0x21
        cli
        mov     [cs:regs], eax
        mov     [cs:regs + 4], ebx
        mov     [cs:regs + 8], ecx
        mov     [cs:regs + 12], edx
        pushf
        pop     word [cs:regs + 16]
        push    cs
        pop     ds
        mov     dword [switch_to], back
        cmp     byte [vcpi], 0
        jne     vcpi_to_protected
        lgdt    [gdtr]
        lidt    [idtr]
        mov     eax, cr0
        or      al, 1
        mov     cr0, eax
        jmp     dword CODE32:back

; --- protected mode ---

        bits    32
back:   mov     eax, DATA32
        mov     ds, ax
        mov     ss, ax
        mov     esp, [saved_esp]
        mov     eax, FLAT
        mov     es, ax
        popad
        ret

; INT BL of DOS or the BIOS with the registers at `regs`.
call_dos:
        mov     [interrupt + 1], bl
        pushad
        mov     [saved_esp], esp
        cmp     byte [vcpi], 0
        jne     .by_vcpi
        jmp     CODE16:leave_protected
.by_vcpi:
        mov     eax, [base]
        shr     eax, 4
        push    eax                     ; GS, FS, DS, ES, SS, ESP, EFLAGS, CS, EIP
        push    eax
        push    eax
        push    eax
        push    eax
        push    dword real_stack
        push    dword 0
        push    eax
        push    dword in_v86
        mov     ax, FLAT
        mov     ds, ax
        mov     ax, 0xDE0C
        call    far [ss:server]

stubs:
%rep 256
        call    near trap
%endrep

; [ESP] tells the vector; faults other than a division's are shown, interrupts are handed to DOS.
trap:   pushad
        push    ds
        push    es
        mov     eax, DATA32
        mov     ds, ax
        mov     eax, FLAT
        mov     es, ax
        mov     ebx, [esp + 40]
        sub     ebx, stubs + 5
        mov     eax, ebx
        xor     edx, edx
        mov     ecx, 5
        div     ecx
        mov     ebx, eax
        test    ebx, ebx
        jz      .division
        cmp     bl, 8
        jb      .fault
        cmp     bl, 16
        jb      .interrupt
        cmp     bl, 0x70
        jb      .fault
.interrupt:
        inc     dword [interrupts]
        call    call_dos
.end:   pop     es
        pop     ds
        popad
        add     esp, 4
        iretd
.division:
        inc     dword [divisions]
        add     dword [esp + 44], 2     ; DIV ECX has two bytes
        jmp     .end
.fault: add     bl, 'A'
        mov     bh, 0x4F
        mov     [es:0xB8000], bx
        cli
        hlt
        jmp     .fault

; EAX = function for INT 21h, EDX = its DX.
dos:    mov     [regs], eax
        mov     [regs + 12], edx
        mov     bl, 0x21
        call    call_dos
        mov     eax, [regs]
        test    byte [regs + 16], 1
        jnz     bad
        ret

say:    mov     eax, 0x0900
        jmp     dos

bad:    mov     edx, text_bad
        mov     byte [regs + 16], 0
        mov     dword [regs], 0x0900
        mov     [regs + 12], edx
        mov     bl, 0x21
        call    call_dos
        mov     dword [regs], 0x4C01
        call    call_dos

protected:
        mov     eax, DATA32
        mov     ds, ax
        mov     ss, ax
        mov     esp, protected_stack
        mov     eax, FLAT
        mov     es, ax
        xor     eax, eax
        mov     fs, ax
        mov     gs, ax
        lldt    ax
        cmp     byte [vcpi], 0
        jne     .has_task
        mov     eax, TASK
        ltr     ax
.has_task:
        cld
        movzx   edx, word [way]
        call    say
        mov     dword [rounds], ROUNDS
.round: call    read_all
        dec     dword [rounds]
        jnz     .round
        mov     edx, text_read
        call    say
        mov     dword [rounds], CALLS
.call:  mov     eax, 0x3000             ; the version, which must be the same each time
        xor     edx, edx
        call    dos
        cmp     dword [version], 0
        jne     .known
        mov     [version], eax
.known: cmp     [version], eax
        jne     bad
        dec     dword [rounds]
        jnz     .call
        mov     edx, text_calls
        call    say
        ; The timer's interrupts in protected mode: they reach the BIOS's counter.
        mov     eax, [es:0x46C]
        add     eax, 6
        mov     dword [interrupts], 0
.wait:  sti
        nop
        cli
        cmp     [es:0x46C], eax
        jb      .wait
        cmp     dword [interrupts], 6
        jb      bad
        mov     edx, text_timer
        call    say
        xor     ecx, ecx
        xor     edx, edx
        mov     eax, 1
        div     ecx
        cmp     dword [divisions], 1
        jne     bad
        mov     edx, text_end
        call    say
        mov     eax, 0x4C00
        call    dos

; Reads this program's file into extended memory, and compares there what has not changed since it was loaded.
read_all:
        mov     eax, 0x3D00
        mov     edx, file_name
        call    dos
        mov     [regs + 4], eax         ; handle
        mov     [handle], eax
        mov     edi, [work]
.chunk: mov     eax, [handle]
        mov     [regs + 4], eax
        mov     dword [regs + 8], CHUNK
        mov     eax, 0x3F00
        mov     edx, chunk
        call    dos
        movzx   ecx, ax
        mov     esi, chunk
        rep movsb
        cmp     ax, CHUNK
        je      .chunk
        sub     edi, [work]
        cmp     edi, file_end - 0x100
        jne     bad
        mov     eax, [handle]
        mov     [regs + 4], eax
        mov     eax, 0x3E00
        call    dos
        mov     esi, leave_protected
        mov     edi, [work]
        add     edi, leave_protected - 0x100
        mov     ecx, real_jump - leave_protected
        repe cmpsb
        jne     bad
        mov     esi, protected
        mov     edi, [work]
        add     edi, protected - 0x100
        mov     ecx, texts - protected
        repe cmpsb
        jne     bad
        ret

texts:
text_raw:
        db      "extender: in protected mode, A20 by the BIOS", 13, 10, "$"
text_xms:
        db      "extender: in protected mode, XMS", 13, 10, "$"
text_vcpi:
        db      "extender: in protected mode, VCPI", 13, 10, "$"
text_read:
        db      "extender: files are read", 13, 10, "$"
text_calls:
        db      "extender: DOS was called often", 13, 10, "$"
text_timer:
        db      "extender: the timer ticks", 13, 10, "$"
text_end:
        db      "extender: all is well", 13, 10, "$"
text_bad:
        db      "extender: BAD", 13, 10, "$"
text_fail:
        db      "extender: no way to protected mode", 13, 10, "$"
file_name:
        db      "EXTENDER.COM", 0

        align   8
gdt:    dq      0
        dq      0x00409B000000FFFF
        dq      0x004093000000FFFF
        dq      0x00CF93000000FFFF
        dq      0x00009B000000FFFF
        dq      0x000093000000FFFF
        dq      0x0000890000000067
        dq      0, 0, 0
gdt_end:
gdtr:   dw      gdt_end - gdt - 1
        dd      0
idtr:   dw      256 * 8 - 1
        dd      0
real_idtr:
        dw      0x3FF
        dd      0
switch:
switch_cr3:
        dd      0
switch_gdtr:
        dd      0
switch_idtr:
        dd      0
        dw      0, TASK
switch_to:
        dd      0
        dw      CODE32

        align   16
file_end:
        absolute file_end
room:
base:   resd    1
work:   resd    1
xms:    resd    1
server: resd    2
directory:
        resd    1
way:    resw    1
vcpi:   resb    1
        resb    1
regs:   resd    5
saved_esp:
        resd    1
interrupts:
        resd    1
divisions:
        resd    1
rounds: resd    1
handle: resd    1
version:
        resd    1
task:   resb    104
idt:    resb    256 * 8
chunk:  resb    CHUNK
        resb    1024
protected_stack:
        resb    1024
real_stack:
room_end:
pages:  resb    4 * 4096
