# Uses the table and the global that tables.s defines, and throws its tag.
	.tabletype	refs, externref
	.globaltype	counter, i32
	.tagtype	thrown i32, i64
	.functype	use_refs () -> (i32)
	.globl	use_refs
	.export_name	use_refs, use_refs
use_refs:
	.functype	use_refs () -> (i32)
	global.get	counter
	i32.const	5
	i32.add
	global.set	counter
	table.size	refs
	end_function
	.functype	throw_it () -> ()
	.globl	throw_it
throw_it:
	.functype	throw_it () -> ()
	i32.const	1
	i64.const	2
	throw	thrown
	end_function
	.section	.custom_section.notes,"",@
	.ascii	"notes of tables_use.s\n"
	.text
