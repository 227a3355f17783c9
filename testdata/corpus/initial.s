# Init functions by hand: two in one section, priorities out of order; a segment of strings; a retained segment that
# nothing names.
	.functype	say (i32) -> ()
	.import_module	say, host
	.import_name	say, say
	.functype	later () -> ()
later:
	.functype	later () -> ()
	i32.const	900
	call	say
	end_function
	.functype	sooner () -> ()
sooner:
	.functype	sooner () -> ()
	i32.const	20
	call	say
	end_function
	.section	.init_array.900,"",@
	.p2align	2
	.int32	later
	.section	.init_array.20,"",@
	.p2align	2
	.int32	sooner
	.section	.rodata.words,"S",@
words:
	.asciz	"first"
	.asciz	"second"
	.size	words, 13
	.section	retained_words,"R",@
	.globl	retained_words_data
retained_words_data:
	.asciz	"kept because it is retained"
	.size	retained_words_data, 28
	.section	.text.run,"",@
	.functype	run (i32) -> (i32)
	.globl	run
	.export_name	run, run
run:
	.functype	run (i32) -> (i32)
	i32.const	words+6
	i32.load8_u	0
	end_function
