; Boot sectors that try to keep the host busy, or to fill its memory. run.sh makes one of each CASE_... here.
%define VGA (2 << 3)
%define IDE (1 << 3 | 1)
    bits 16
    org 0x7C00
    cpu 686
start:
    cli
    cld
    xor ax, ax
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov sp, 0x7C00
    jmp 0:go

%macro outb 2
    mov al, %2
%if %1 < 256
    out %1, al
%else
    mov dx, %1
    out dx, al
%endif
%endmacro
%macro outw 2
    mov ax, %2
    mov dx, %1
    out dx, ax
%endmacro
%macro outd 2
    mov eax, %2
    mov dx, %1
    out dx, eax
%endmacro
%macro pci 2 ; devfn, register
    outd 0xCF8, 0x80000000 | (%1) << 8 | (%2)
%endmacro
; Flat 32-bit segments.
%macro protected 0
    lgdt [gdtr]
    mov eax, cr0
    or al, 1
    mov cr0, eax
    jmp 8:%%in
    bits 32
%%in:
    mov ax, 16
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov esp, 0x7C00
%endmacro
%macro interrupts_on 0 ; all vectors lead to an EOI
    %define NEEDS_INTERRUPTS
    call interrupts
%endmacro
%macro paging_on 0 ; the first 4 MB, page by page
    %define NEEDS_PAGING
    call paging
%endmacro
%macro vector 2 ; interrupt, handler
    mov word [%1 * 4], %2
    mov word [%1 * 4 + 2], 0
%endmacro

go:
%ifdef CASE_halt
    hlt
    jmp go
%elifdef CASE_dma_copy ; 8237 memory to memory, 64 KB at a time
    outb 0x08, 0x01
    outb 0x0C, 0
    outb 0x03, 0xFF
    outb 0x03, 0xFF
    outb 0x0B, 0x88
    outb 0x0B, 0x85
    outb 0x83, 0x02
    outb 0x87, 0x02
.again:
    outb 0x0C, 0
    outb 0x03, 0xFF
    outb 0x03, 0xFF
    outb 0x09, 0x04
    jmp .again
%elifdef CASE_dma_copy_words
    outb 0xD0, 0x01
    outb 0xD8, 0
    outb 0xD6, 0x98
    outb 0xD6, 0x95
    outb 0x8F, 0x0A
    outb 0x8B, 0x0A
    outb 0xC6, 0xFF
    outb 0xC6, 0xFF
.again:
    outb 0xD2, 0x04
    jmp .again
%elifdef CASE_dma_block_vga ; a block without an answer, into planar video memory
    mov ax, 0x12
    int 0x10
    cli
    outb 0x0B, 0x96 ; channel 2, block, auto, to memory
    outb 0x81, 0x0A
    outb 0x0C, 0
    outb 0x05, 0xFF
    outb 0x05, 0xFF
.again:
    outb 0x09, 0x06
    jmp .again
%elifdef CASE_pit_two ; interrupts of the fastest timer there is
    vector 8, .irq
    outb 0x43, 0x14
    outb 0x40, 2
    outb 0x21, 0xFE
    sti
.wait:
    jmp .wait
.irq:
    push ax
    outb 0x20, 0x20
    pop ax
    iret
%elifdef CASE_pit_two_masked
    outb 0x43, 0x14
    outb 0x40, 2
    outb 0x43, 0xB6
    outb 0x42, 2
    outb 0x42, 0
    outb 0x61, 3
.wait:
    jmp .wait
%elifdef CASE_pit_square_speaker
    outb 0x43, 0x96
    outb 0x61, 3
.again:
    outb 0x42, 61
    outb 0x42, 2
    jmp .again
%elifdef CASE_pit_halt
    vector 8, .irq
    outb 0x43, 0x16
    outb 0x40, 2
    outb 0x21, 0xFE
    outb 0x20, 0x20
    sti
.wait:
    hlt
    jmp .wait
.irq:
    outb 0x20, 0x20
    iret
%elifdef CASE_rtc_fast
    vector 0x70, .irq
    outb 0x70, 0x0A
    outb 0x71, 0x23
    outb 0x70, 0x0B
    outb 0x71, 0x72
    outb 0x21, 0xFB
    outb 0xA1, 0xFE
    sti
.wait:
    hlt
    jmp .wait
.irq:
    outb 0x70, 0x0C
    in al, 0x71
    outb 0xA0, 0x20
    outb 0x20, 0x20
    iret
%elifdef CASE_uart_irq ; 115200 baud, an interrupt each byte, in a loop back
    vector 0x0C, .irq
    outb 0x3FB, 0x83
    outw 0x3F8, 1
    outb 0x3FB, 0x03
    outb 0x3FC, 0x1B
    outb 0x3F9, 0x0F
    outb 0x21, 0xEF
    outb 0x20, 0x20
    sti
    outb 0x3F8, 'x'
.wait:
    hlt
    jmp .wait
.irq:
    mov dx, 0x3FA
    in al, dx
    mov dx, 0x3F8
    in al, dx
    out dx, al
    outb 0x20, 0x20
    iret
%elifdef CASE_uart_flood
    outb 0x3FA, 0x07
    outb 0x3FC, 0x03
.again:
    outb 0x3F8, 'x'
    jmp .again
%elifdef CASE_debug_port_flood
.again:
    outb 0xE9, 'x'
    mov cx, 0xFFFF
    mov dx, 0xE9
    rep outsb
    jmp .again
%elifdef CASE_printer_flood
.again:
    outb 0x378, 'x'
    outb 0x37A, 0x0D
    outb 0x37A, 0x0C
    jmp .again
%elifdef CASE_keyboard_resets
.again:
    in al, 0x60
    outb 0x60, 0xFF
    outb 0x64, 0xD4
    outb 0x60, 0xFF
    outb 0x64, 0xAA
    jmp .again
%elifdef CASE_reset_by_keyboard ; back here at once through CMOS 0Fh
    mov dword [0x467], go
    outb 0x70, 0x8F
    outb 0x71, 0x0A
    outb 0x64, 0xFE
.wait:
    hlt
    jmp .wait
%elifdef CASE_reset_port_92
    mov dword [0x467], go
    outb 0x70, 0x8F
    outb 0x71, 0x0A
    outb 0x92, 0x02
    outb 0x92, 0x03
.wait:
    hlt
    jmp .wait
%elifdef CASE_reset_hard
    outb 0x70, 0x8F
    outb 0x71, 0x0A
    mov dword [0x467], go
    mov dx, 0xCF9
    mov al, 2
    out dx, al
    mov al, 6
    out dx, al
.wait:
    hlt
    jmp .wait
%elifdef CASE_triple_faults
    mov dword [0x467], go
    outb 0x70, 0x8F
    outb 0x71, 0x0A
    lidt [zero]
    protected
    ud2
    bits 16
%elifdef CASE_palette_flood ; all 256 colours, as fast as the bus goes, for the raster log
.again:
    mov dx, 0x3C9
    mov cx, 0xFFFF
    xor si, si
    rep outsb
    jmp .again
%elifdef CASE_vga_timing_flood
    outw 0x3D4, 0x0011
.again:
    mov cx, 0x6900
.each:
    mov ax, cx
    mov al, ch
    and al, 0x1F
    mov ah, cl
    mov dx, 0x3D4
    out dx, ax
    mov dx, 0x3C2
    mov al, cl
    out dx, al
    loop .each
    jmp .again
%elifdef CASE_vga_tiny_frame
    outw 0x3D4, 0x0011
    outw 0x3D4, 0x0000
    outw 0x3D4, 0x0006
    outw 0x3D4, 0x0007
    outw 0x3D4, 0x0010
    outw 0x3D4, 0x0015
    outw 0x3D4, 0x0016
    outw 0x3C4, 0x0101
    outw 0x3D4, 0x0011
    mov dx, 0x3DA
.again:
    in al, dx
    jmp .again
%elifdef CASE_vga_planar_strings
    mov ax, 0x12
    int 0x10
    cli
    outw 0x3CE, 0x1803
    push word 0xA000
    pop es
.again:
    mov cx, 0xFFFF
    rep stosb
    jmp .again
%elifdef CASE_vbe_modes ; each write clears 16 MB
    outw 0x1CE, 1
    outw 0x1CF, 2560
    outw 0x1CE, 2
    outw 0x1CF, 1600
    outw 0x1CE, 3
    outw 0x1CF, 32
    outw 0x1CE, 4
.again:
    outw 0x1CF, 0x41
    outw 0x1CF, 0
    jmp .again
%elifdef CASE_vbe_resolution_flood
    outw 0x1CE, 1
    outw 0x1CF, 640
    outw 0x1CE, 2
    outw 0x1CF, 480
    outw 0x1CE, 3
    outw 0x1CF, 32
    outw 0x1CE, 4
    outw 0x1CF, 0xC1
    outw 0x1CE, 1
.again:
    outw 0x1CF, 800
    outw 0x1CF, 640
    jmp .again
%elifdef CASE_vbe_bank_flood
    outw 0x1CE, 1
    outw 0x1CF, 640
    outw 0x1CE, 2
    outw 0x1CF, 480
    outw 0x1CE, 3
    outw 0x1CF, 8
    outw 0x1CE, 4
    outw 0x1CF, 0x81
    outw 0x1CE, 5
    push word 0xA000
    pop ds
.again:
    outw 0x1CF, 0
    mov [0], al
    outw 0x1CF, 1
    mov [0], al
    jmp .again
%elifdef CASE_pam_flood ; shadow memory that comes and goes
    pci 0, 0x58
    mov dx, 0xCFE
.again:
    mov al, 0x33
    out dx, al
    mov al, 0x11
    out dx, al
    jmp .again
%elifdef CASE_dram_hole_flood
    pci 0, 0x68
    mov dx, 0xCF8 + 4
.again:
    mov al, 0xC0
    out dx, al
    mov al, 0x40
    out dx, al
    jmp .again
%elifdef CASE_bar_flood ; the frame buffer moves
    pci VGA, 0x10
    mov dx, 0xCFC
.again:
    mov eax, 0xE0000000
    out dx, eax
    mov eax, 0xE8000000
    out dx, eax
    jmp .again
%elifdef CASE_bar_enable_flood
    pci VGA, 0x04
    mov dx, 0xCFC
.again:
    mov al, 0
    out dx, al
    mov al, 3
    out dx, al
    jmp .again
%elifdef CASE_smram_flood
    pci 0, 0x70
    mov dx, 0xCFE
.again:
    mov al, 0x4A
    out dx, al
    mov al, 0x0A
    out dx, al
    jmp .again
%elifdef CASE_smi_flood
.again:
    outb 0xB2, 0x55
    jmp .again
%elifdef CASE_a20_flood
.again:
    outb 0x92, 0
    outb 0x92, 2
    jmp .again
%elifdef CASE_a20_keyboard_flood
.again:
    outb 0x64, 0xD1
    outb 0x60, 0xDD
    outb 0x64, 0xD1
    outb 0x60, 0xDF
    jmp .again
%elifdef CASE_mtrr_flood
    mov ecx, 0x2FF
.again:
    mov eax, 0xC00
    xor edx, edx
    wrmsr
    xor eax, eax
    wrmsr
    jmp .again
%elifdef CASE_apic_base_flood
    mov ecx, 0x1B
    xor edx, edx
.again:
    mov eax, 0xFEE00900
    wrmsr
    mov eax, 0x00020900
    wrmsr
    jmp .again
%elifdef CASE_apic_timer ; one tick, periodic, each interrupt taken
    protected
    interrupts_on
    mov dword [0xFEE000F0], 0x1FF
    mov dword [0xFEE003E0], 0xB
    mov dword [0xFEE00320], 0x20020
    mov dword [0xFEE00380], 1
    sti
.wait:
    hlt
    jmp .wait
    bits 16
%elifdef CASE_apic_self ; interrupts to itself
    protected
    interrupts_on
    mov dword [0xFEE000F0], 0x1FF
    sti
.again:
    mov dword [0xFEE00300], 0x44020
    jmp .again
    bits 16
%elifdef CASE_apic_self_nmi
    protected
    interrupts_on
    mov dword [0xFEE000F0], 0x1FF
.again:
    mov dword [0xFEE00300], 0x84400
    jmp .again
    bits 16
%elifdef CASE_apic_self_smi
    protected
    mov dword [0xFEE000F0], 0x1FF
.again:
    mov dword [0xFEE00300], 0x80200
    jmp .again
    bits 16
%elifdef CASE_apic_self_init
    mov dword [0x467], go
    outb 0x70, 0x8F
    outb 0x71, 0x0A
    protected
    mov dword [0xFEE000F0], 0x1FF
    mov dword [0xFEE00310], 0
    mov dword [0xFEE00300], 0x4500
.wait:
    jmp .wait
    bits 16
%elifdef CASE_ioapic_level ; a level that nobody takes away
    outb 0x43, 0x14
    outb 0x40, 2
    protected
    interrupts_on
    mov dword [0xFEE000F0], 0x1FF
    mov dword [0xFEC00000], 0x14
    mov dword [0xFEC00010], 0x8020
    sti
.wait:
    hlt
    jmp .wait
    bits 16
%elifdef CASE_rep_endless ; 4 G elements of nothing
    protected
.again:
    mov edi, 0x80000000
    mov ecx, 0xFFFFFFFF
    rep stosb
    mov ecx, 0xFFFFFFFF
    rep scasb
    jmp .again
    bits 16
%elifdef CASE_rep_empty_memory
    protected
.again:
    mov edi, 0x80000000
    mov esi, 0x90000000
    mov ecx, 0xFFFFFFFF
    repe cmpsd
    jmp .again
    bits 16
%elifdef CASE_rep_ports
    protected
    mov edx, 0x3F6
.again:
    mov edi, 0x80000000
    mov ecx, 0xFFFFFFFF
    rep insd
    jmp .again
    bits 16
%elifdef CASE_rep_apic
    protected
.again:
    mov edi, 0xFEE00300
    mov esi, 0xFEC00000
    mov ecx, 0x1000000
    rep movsb
    jmp .again
    bits 16
%elifdef CASE_rep_16
    protected
.again:
    mov ecx, 0xFFFFFFFF
    mov edi, 0x18000
    mov esi, 0x18001
    a16 rep movsb
    jmp .again
    bits 16
%elifdef CASE_paging_flood
    protected
    mov edi, 0x100000
    mov eax, 0x83
    mov [edi], eax
    mov cr3, edi
    mov eax, cr4
    or al, 0x10
    mov cr4, eax
.again:
    mov eax, cr0
    xor eax, 0x80000000
    mov cr0, eax
    mov cr3, edi
    mov eax, cr4
    xor al, 0x80
    mov cr4, eax
    jmp .again
    bits 16
%elifdef CASE_invlpg_flood
    protected
    paging_on
.again:
    invlpg [0x8000]
    mov [0x8000], eax
    jmp .again
    bits 16
%elifdef CASE_straddle_flood ; an instruction whose second page is another one each time
    protected
    paging_on
    mov byte [0x8FFF], 0xB8
    mov dword [0x9000], 0
    mov dword [0x9004], 0xC3
    mov dword [0xA000], 0
    mov dword [0xA004], 0xC3
.again:
    xor dword [0x101000 + 9 * 4], 0x9000 ^ 0xA000
    invlpg [0x9000]
    mov eax, 0x8FFF
    call eax
    jmp .again
    bits 16
%elifdef CASE_code_flood ; new code everywhere, for ever
    protected
    mov ebp, 0x10000000
.fill:
    mov edi, 0x200000
    mov ecx, 0x100000
    mov eax, ebp
    rep stosd
    mov byte [edi], 0xC3
    mov eax, 0x200000
    mov ebp, 0x40404040
    call eax
    xor ebp, 0x08080808
    jmp .fill
    bits 16
%elifdef CASE_code_offsets ; a block at each offset of a page, then a write
    protected
    mov edi, 0x200000
    mov ecx, 0x400
    mov eax, 0x90909090
    rep stosd
    mov byte [edi], 0xC3
.again:
    mov ebx, 0x200000
.each:
    call ebx
    mov byte [0x200FFF], 0x90
    inc ebx
    cmp ebx, 0x201000
    jne .each
    jmp .again
    bits 16
%elifdef CASE_code_self
.again:
    inc byte [.there + 1]
.there:
    mov al, 0
    inc byte [.again2 + 1]
.again2:
    mov al, 0
    jmp .again
%elifdef CASE_code_in_vga ; code that runs in registers
    mov ax, 0x12
    int 0x10
    cli
    push word 0xA000
    pop es
    mov dword [es:0], 0xFEEB9090
    jmp 0xA000:0
%elifdef CASE_tables_in_vga
    mov ax, 0x12
    int 0x10
    cli
    outw 0x3CE, 0x0005
    protected
    mov eax, 0xA0000
    mov cr3, eax
    mov eax, cr4
    or al, 0x10
    mov cr4, eax
    mov edi, 0xA0000
    mov byte [edi], 0x83
    mov eax, cr0
    or eax, 0x80000000
    mov cr0, eax
.again:
    mov eax, cr3
    mov cr3, eax
    jmp .again
    bits 16
%elifdef CASE_single_steps
    vector 1, .trap
    pushf
    pop ax
    or ah, 1
    push ax
    popf
.wait:
    jmp .wait
.trap:
    iret
%elifdef CASE_breakpoints
    vector 1, .trap
    mov eax, .wait
    mov dr0, eax
    mov eax, 0x403
    mov dr7, eax
.wait:
    jmp .wait
.trap:
    iret
%elifdef CASE_data_breakpoints
    vector 1, .trap
    mov eax, 0x9000
    mov dr0, eax
    mov eax, 0x000D0403
    mov dr7, eax
.again:
    mov di, 0x8800
    mov cx, 0x1000
    rep stosb
    jmp .again
.trap:
    iret
%elifdef CASE_faults
    vector 6, .fault
.fault:
    add sp, 6
    mov sp, 0x7C00
    ud2
%elifdef CASE_task_switches
    protected
    mov dword [gdt + 24], 0xB0000067
    mov dword [gdt + 28], 0x00008900
    mov dword [gdt + 32], 0xB1000067
    mov dword [gdt + 36], 0x00008900
    mov ebx, 0xB000
    call .fill
    mov ebx, 0xB100
    call .fill
    mov ax, 24
    ltr ax
    jmp 32:0
.fill:
    mov dword [ebx + 0x20], .second
    mov dword [ebx + 0x24], 2
    mov dword [ebx + 0x38], 0x7C00
    mov dword [ebx + 0x48], 16
    mov dword [ebx + 0x4C], 8
    mov dword [ebx + 0x50], 16
    mov dword [ebx + 0x54], 16
    ret
.second:
    jmp 24:0
    jmp 32:0
    jmp .second
    bits 16
%elifdef CASE_enter_nested
    protected
.again:
    mov esp, 0x80000
    mov ebp, 0x90000
    enter 0xFFFF, 31
    jmp .again
    bits 16
%elifdef CASE_fpu
    protected
    fninit
.again:
    fldpi
    fsin
    fyl2xp1
    fptan
    f2xm1
    fbstp [0x9000]
    fbld [0x9000]
    fpatan
    frstor [0xA000]
    fnsave [0xA000]
    jmp .again
    bits 16
%elifdef CASE_ide_endless_regions ; a table of regions of 2 bytes
    mov edi, 0x10000
    push word 0x1000
    pop es
    xor di, di
.table:
    mov dword [es:di], 0x20000
    mov dword [es:di + 4], 2
    add di, 8
    jnz .table
    pci IDE, 0x20
    outd 0xCFC, 0xC001
    pci IDE, 0x04
    outd 0xCFC, 5
.again:
    outb 0xC000, 0
    outd 0xC004, 0x10000
    outb 0xC002, 6
    outb 0x1F6, 0xE0
    outb 0x1F2, 0
    outb 0x1F3, 0
    outb 0x1F4, 0
    outb 0x1F5, 0
    outb 0x1F7, 0xC8
    outb 0xC000, 9
.busy:
    mov dx, 0x1F7
    in al, dx
    test al, 0x80
    jnz .busy
    test al, 8
    jnz .again
    jmp .again
%elifdef CASE_ide_commands
    mov cx, 0
.again:
    outb 0x1F6, 0xE0
    mov dx, 0x1F7
    mov al, cl
    out dx, al
    inc cx
    outb 0x3F6, 4
    outb 0x3F6, 0
    jmp .again
%elifdef CASE_ide_reads
.again:
    outb 0x1F6, 0xE0
    outb 0x1F2, 0
    outb 0x1F7, 0x20
.data:
    mov dx, 0x1F7
    in al, dx
    test al, 0x80
    jnz .data
    test al, 8
    jz .again
    mov dx, 0x1F0
    xor di, di
    push word 0x2000
    pop es
    mov cx, 256
    rep insw
    jmp .data
%elifdef CASE_floppy_commands
    mov dx, 0x3F5
.again:
    inc al
    out dx, al
    in al, dx
    jmp .again
%elifdef CASE_fw_cfg_dma ; 64 MB of zeros each time
    mov dword [0x9000], 0x02000000
    mov dword [0x9004], 0x0000E000
    mov dword [0x9008], 0
    mov dword [0x900C], 0x00002000
    mov dx, 0x518
.again:
    mov dword [0x9000], 0x02000000
    mov eax, 0x00900000
    out dx, eax
    jmp .again
%elifdef CASE_acpi_timer
    mov dx, 0x608
.again:
    in eax, dx
    jmp .again
%elifdef CASE_pirq_flood
    pci 1 << 3, 0x60
    mov dx, 0xCFC
.again:
    mov eax, 0x0A0A0A0A
    out dx, eax
    mov eax, 0x80808080
    out dx, eax
    jmp .again
%elifdef CASE_debug_vector ; a data breakpoint on the vector of #DB: each delivery meets it again
    mov eax, 4
    mov dr2, eax
    mov eax, 0x0F000020
    mov dr7, eax
    mov eax, [4]
.again:
    jmp .again
%elifdef CASE_unclaimed_ports
    mov dx, 0x1000
.again:
    in eax, dx
    add dx, 4
    jmp .again
%else
%error no such case
%endif

%ifdef NEEDS_INTERRUPTS
    bits 32
interrupts:
    mov edi, 0x6000
.fill:
    mov eax, handler
    or eax, 8 << 16
    mov [edi], eax
    mov dword [edi + 4], 0x8E00
    add edi, 8
    cmp edi, 0x6800
    jne .fill
    lidt [idtr]
    ret
handler:
    mov dword [0xFEE000B0], 0
    iret
%endif
%ifdef NEEDS_PAGING
    bits 32
paging:
    mov edi, 0x100000
    mov dword [edi], 0x101003
    mov edi, 0x101000
    mov eax, 3
.fill:
    mov [edi], eax
    add edi, 4
    add eax, 0x1000
    cmp edi, 0x102000
    jne .fill
    mov eax, 0x100000
    mov cr3, eax
    mov eax, cr0
    or eax, 0x80000000
    mov cr0, eax
    ret
%endif

    align 8
gdt:
    dq 0
    dq 0x00CF9A000000FFFF
    dq 0x00CF92000000FFFF
%ifdef CASE_task_switches
    dq 0, 0
%endif
gdtr:
    dw gdtr - gdt - 1
    dd gdt
zero:
    dw 0
    dd 0
idtr:
    dw 256 * 8 - 1
    dd 0x6000
    times 510 - ($ - $$) db 0
    dw 0xAA55
