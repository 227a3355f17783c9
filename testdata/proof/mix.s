# Written by hand: a mixer of 64 bits whose multiplier a constructor makes odd.
	.functype	make_odd () -> ()
make_odd:
	.functype	make_odd () -> ()
	i32.const	0
	i32.const	0
	i64.load	multiplier
	i64.const	1
	i64.or
	i64.store	multiplier
	end_function

# mix(a, b) = rotl((a xor b) * multiplier, 23) + b
	.globl	mix
	.type	mix,@function
mix:
	.functype	mix (i64, i64) -> (i64)
	local.get	0
	local.get	1
	i64.xor
	i32.const	0
	i64.load	multiplier
	i64.mul
	i64.const	23
	i64.rotl
	local.get	1
	i64.add
	end_function

	.section	.data.multiplier,"",@
	.p2align	3
	.type	multiplier,@object
multiplier:
	.int64	0x9e3779b97f4a7c14
	.size	multiplier, 8

	.section	.init_array,"",@
	.p2align	2
	.int32	make_odd
