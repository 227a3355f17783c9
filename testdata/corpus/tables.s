# Tables of references, globals, tags, and a section that must stay whole.
	.tabletype	refs, externref
	.globl	refs
refs:
	.tabletype	local_refs, externref, 4
local_refs:
	.globaltype	counter, i32
	.globl	counter
counter:
	.globaltype	other_counter, i64, immutable
	.functype	set_ref (externref) -> ()
	.globl	set_ref
set_ref:
	.functype	set_ref (externref) -> ()
	i32.const	0
	local.get	0
	table.set	refs
	global.get	counter
	i32.const	1
	i32.add
	global.set	counter
	end_function
	.functype	get_ref () -> (externref)
	.globl	get_ref
get_ref:
	.functype	get_ref () -> (externref)
	i32.const	0
	table.get	refs
	end_function
	.functype	count_refs () -> (i32)
	.globl	count_refs
	.export_name	count_refs, count_refs
count_refs:
	.functype	count_refs () -> (i32)
	global.get	counter
	table.size	refs
	i32.add
	table.size	local_refs
	i32.add
	end_function
	.globl	thrown
	.tagtype	thrown i32, i64
thrown:
	.section	.custom_section.notes,"",@
	.ascii	"notes of tables.s\n"
	.text
