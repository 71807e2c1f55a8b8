# Boot sector of the benchmark images: loads what follows it on the floppy to 10000h, enters 32-bit protected
# mode with flat segments, and calls main(). VIDEO_MODE is set before, unless it is 0. The result goes out on port
# E9h, the end on the debug-exit port F4h or, where there is none, on Bochs's port 8900h.
    .code16
    .globl _start
_start:
    cli
    xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %ss
    movw $0x7C00, %sp
    sti
    cld
    movb %dl, drive
    movw $video_mode, %ax
    testw %ax, %ax
    jz 0f
    int $0x10
0:
    movw $1, %si                # next sector to load, from 0
    movw $0x1000, %bx
    movw $sectors_to_load, %di
1:  movw %bx, %es
    movw %si, %ax               # CHS of a 1.44 MB floppy: 18 sectors, 2 heads
    xorw %dx, %dx
    movw $18, %cx
    divw %cx
    movb %dl, %cl
    incb %cl
    movb %al, %dh
    andb $1, %dh
    movb %al, %ch
    shrb $1, %ch
    movb drive, %dl
    pushw %bx
    xorw %bx, %bx
    movw $0x0201, %ax
    int $0x13
    popw %bx
    jc 1b
    addw $32, %bx
    incw %si
    decw %di
    jnz 1b
    cli
    inb $0x92, %al
    orb $2, %al
    outb %al, $0x92
    lgdt gdt_pointer
    movl %cr0, %eax
    orb $1, %al
    movl %eax, %cr0
    ljmpl $8, $protected
    .code32
protected:
    movw $16, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movw %ax, %fs
    movw %ax, %gs
    movl $0x90000, %esp
    movl $0x10000, %eax
    call *%eax
    movb $0, %al
    outb %al, $0xF4             # exit status 1: done
    movl $shutdown, %esi        # for emulators without a debug-exit port
    movw $0x8900, %dx
    movl $8, %ecx
    rep outsb
2:  hlt
    jmp 2b
shutdown: .ascii "Shutdown"
drive: .byte 0
    .balign 8
gdt:
    .quad 0
    .quad 0x00CF9B000000FFFF
    .quad 0x00CF93000000FFFF
gdt_pointer:
    .word . - gdt - 1
    .long gdt
    .org 510
    .word 0xAA55
