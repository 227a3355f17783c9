; TVM main between 2020-01-07 and 2020-07-12 (G1): packed functions of 5 arguments.
; A system library as TVM's LLVM code generator lays it out, with an empty system_lib_prefix. The same kernels are in
; g0.ll to g6.ll.
target triple = "wasm32-unknown-unknown-wasm"

%TVMValue = type { i64 } ; a union
; data, device (type, id), rank, dtype (code, bits, lanes), shape, strides, byte offset
%DLTensor = type { ptr, { i32, i32 }, i32, i32, ptr, ptr, i64 }
%TVMParallelGroupEnv = type { ptr, i32 } ; sync handle, number of tasks
%closure_loop_parallel_i = type { ptr, ptr, float, i32 }

; The context cell: a loader stores the module's handle here.
@__tvm_module_ctx = linkonce dllexport global ptr null, align 4
; The name of the entry: weak data.
@__tvm_main__ = weak dllexport constant [7 x i8] c"matmul\00", align 1
; Handles of called functions, once they are known.
@.tvm_func.other_scaled = internal global ptr null, align 4
@.tvm_func.scaled = internal global ptr null, align 4
@.str.0 = private constant [47 x i8] c"g1: Expected 3 arguments when calling `matmul`\00", align 1
@.str.1 = private constant [58 x i8] c"g1: Expect a pointer as argument #0 when calling `matmul`\00", align 1
@.str.2 = private constant [76 x i8] c"g1: Expected a tensor that is not null as argument #0 when calling `matmul`\00", align 1
@.str.3 = private constant [58 x i8] c"g1: Expected float32 as argument #0 when calling `matmul`\00", align 1
@.str.4 = private constant [58 x i8] c"g1: Expect a pointer as argument #1 when calling `matmul`\00", align 1
@.str.5 = private constant [76 x i8] c"g1: Expected a tensor that is not null as argument #1 when calling `matmul`\00", align 1
@.str.6 = private constant [58 x i8] c"g1: Expected float32 as argument #1 when calling `matmul`\00", align 1
@.str.7 = private constant [58 x i8] c"g1: Expect a pointer as argument #2 when calling `matmul`\00", align 1
@.str.8 = private constant [76 x i8] c"g1: Expected a tensor that is not null as argument #2 when calling `matmul`\00", align 1
@.str.9 = private constant [58 x i8] c"g1: Expected float32 as argument #2 when calling `matmul`\00", align 1
@.str.10 = private constant [47 x i8] c"g1: Expected 3 arguments when calling `scaled`\00", align 1
@.str.11 = private constant [58 x i8] c"g1: Expect a pointer as argument #0 when calling `scaled`\00", align 1
@.str.12 = private constant [58 x i8] c"g1: Expect a pointer as argument #1 when calling `scaled`\00", align 1
@.str.13 = private constant [58 x i8] c"g1: Expected a float as argument #2 when calling `scaled`\00", align 1
@.str.14 = private constant [48 x i8] c"g1: Expected 2 arguments when calling `softmax`\00", align 1
@.str.15 = private constant [59 x i8] c"g1: Expect a pointer as argument #0 when calling `softmax`\00", align 1
@.str.16 = private constant [59 x i8] c"g1: Expect a pointer as argument #1 when calling `softmax`\00", align 1
@.str.17 = private constant [48 x i8] c"g1: Expected 2 arguments when calling `doubled`\00", align 1
@.str.18 = private constant [59 x i8] c"g1: Expect a pointer as argument #0 when calling `doubled`\00", align 1
@.str.19 = private constant [59 x i8] c"g1: Expect a pointer as argument #1 when calling `doubled`\00", align 1
@.str.20 = private constant [7 x i8] c"scaled\00", align 1
@.str.21 = private constant [52 x i8] c"g1: Expected 2 arguments when calling `far_doubled`\00", align 1
@.str.22 = private constant [63 x i8] c"g1: Expect a pointer as argument #0 when calling `far_doubled`\00", align 1
@.str.23 = private constant [63 x i8] c"g1: Expect a pointer as argument #1 when calling `far_doubled`\00", align 1
@.str.24 = private constant [13 x i8] c"other_scaled\00", align 1
@.str.25 = private constant [17 x i8] c"__tvm_module_ctx\00", align 1
@.str.26 = private constant [8 x i8] c"doubled\00", align 1
@.str.27 = private constant [12 x i8] c"far_doubled\00", align 1
@.str.28 = private constant [7 x i8] c"matmul\00", align 1
@.str.29 = private constant [8 x i8] c"softmax\00", align 1
@llvm.global_ctors = appending global [1 x { i32, ptr, ptr }] [{ i32, ptr, ptr } { i32 65535, ptr @__tvm_module_startup, ptr null }]

declare i32 @TVMBackendRegisterSystemLibSymbol(ptr, ptr)
declare void @TVMAPISetLastError(ptr)
declare i32 @TVMBackendGetFuncFromEnv(ptr, ptr, ptr)
declare i32 @TVMFuncCall(ptr, ptr, ptr, i32, ptr, ptr)
declare i32 @TVMBackendParallelLaunch(ptr, ptr, i32)
declare i32 @TVMBackendParallelBarrier(i32, ptr)
declare ptr @TVMBackendAllocWorkspace(i32, i32, i64, i32, i32)
declare i32 @TVMBackendFreeWorkspace(i32, i32, ptr)
declare float @llvm.fmuladd.f32(float, float, float)
declare float @llvm.exp.f32(float)
declare i32 @llvm.smin.i32(i32, i32)

; C = A B for square matrices, in a compute function of its own as TVM's compute_scope makes it. Of the checks of
; arguments, the other kernels have the first two only.
define dllexport i32 @matmul(ptr noalias %args, ptr noalias %arg_type_ids, i32 %num_args, ptr noalias %out_ret_value, ptr noalias %out_ret_tcode) {
entry:
  %count_matches = icmp eq i32 %num_args, 3
  br i1 %count_matches, label %assert_end0, label %assert_fail0

assert_fail0:
  call void @TVMAPISetLastError(ptr @.str.0)
  ret i32 -1

assert_end0:
  ; A: a tensor of float32
  %A.tcode.addr = getelementptr inbounds i32, ptr %arg_type_ids, i32 0
  %A.tcode = load i32, ptr %A.tcode.addr, align 4
  switch i32 %A.tcode, label %assert_fail1 [
    i32 3, label %assert_end1
    i32 4, label %assert_end1
    i32 7, label %assert_end1
    i32 13, label %assert_end1
  ]

assert_fail1:
  call void @TVMAPISetLastError(ptr @.str.1)
  ret i32 -1

assert_end1:
  %A.value.addr = getelementptr inbounds %TVMValue, ptr %args, i32 0
  %A.handle = load ptr, ptr %A.value.addr, align 8
  %A.not_null = icmp ne ptr %A.handle, null
  br i1 %A.not_null, label %assert_end2, label %assert_fail2

assert_fail2:
  call void @TVMAPISetLastError(ptr @.str.2)
  ret i32 -1

assert_end2:
  %A.dtype.addr = getelementptr inbounds %DLTensor, ptr %A.handle, i32 0, i32 3
  %A.dtype = load i32, ptr %A.dtype.addr, align 4
  %A.is_float32 = icmp eq i32 %A.dtype, 73730 ; code 2, 32 bits, 1 lane
  br i1 %A.is_float32, label %assert_end3, label %assert_fail3

assert_fail3:
  call void @TVMAPISetLastError(ptr @.str.3)
  ret i32 -1

assert_end3:
  %A = load ptr, ptr %A.handle, align 8
  ; B: a tensor of float32
  %B.tcode.addr = getelementptr inbounds i32, ptr %arg_type_ids, i32 1
  %B.tcode = load i32, ptr %B.tcode.addr, align 4
  switch i32 %B.tcode, label %assert_fail4 [
    i32 3, label %assert_end4
    i32 4, label %assert_end4
    i32 7, label %assert_end4
    i32 13, label %assert_end4
  ]

assert_fail4:
  call void @TVMAPISetLastError(ptr @.str.4)
  ret i32 -1

assert_end4:
  %B.value.addr = getelementptr inbounds %TVMValue, ptr %args, i32 1
  %B.handle = load ptr, ptr %B.value.addr, align 8
  %B.not_null = icmp ne ptr %B.handle, null
  br i1 %B.not_null, label %assert_end5, label %assert_fail5

assert_fail5:
  call void @TVMAPISetLastError(ptr @.str.5)
  ret i32 -1

assert_end5:
  %B.dtype.addr = getelementptr inbounds %DLTensor, ptr %B.handle, i32 0, i32 3
  %B.dtype = load i32, ptr %B.dtype.addr, align 4
  %B.is_float32 = icmp eq i32 %B.dtype, 73730 ; code 2, 32 bits, 1 lane
  br i1 %B.is_float32, label %assert_end6, label %assert_fail6

assert_fail6:
  call void @TVMAPISetLastError(ptr @.str.6)
  ret i32 -1

assert_end6:
  %B = load ptr, ptr %B.handle, align 8
  ; C: a tensor of float32
  %C.tcode.addr = getelementptr inbounds i32, ptr %arg_type_ids, i32 2
  %C.tcode = load i32, ptr %C.tcode.addr, align 4
  switch i32 %C.tcode, label %assert_fail7 [
    i32 3, label %assert_end7
    i32 4, label %assert_end7
    i32 7, label %assert_end7
    i32 13, label %assert_end7
  ]

assert_fail7:
  call void @TVMAPISetLastError(ptr @.str.7)
  ret i32 -1

assert_end7:
  %C.value.addr = getelementptr inbounds %TVMValue, ptr %args, i32 2
  %C.handle = load ptr, ptr %C.value.addr, align 8
  %C.not_null = icmp ne ptr %C.handle, null
  br i1 %C.not_null, label %assert_end8, label %assert_fail8

assert_fail8:
  call void @TVMAPISetLastError(ptr @.str.8)
  ret i32 -1

assert_end8:
  %C.dtype.addr = getelementptr inbounds %DLTensor, ptr %C.handle, i32 0, i32 3
  %C.dtype = load i32, ptr %C.dtype.addr, align 4
  %C.is_float32 = icmp eq i32 %C.dtype, 73730 ; code 2, 32 bits, 1 lane
  br i1 %C.is_float32, label %assert_end9, label %assert_fail9

assert_fail9:
  call void @TVMAPISetLastError(ptr @.str.9)
  ret i32 -1

assert_end9:
  %C = load ptr, ptr %C.handle, align 8
  %A.shape.addr = getelementptr inbounds %DLTensor, ptr %A.handle, i32 0, i32 4
  %A.shape = load ptr, ptr %A.shape.addr, align 4
  %n.i64 = load i64, ptr %A.shape, align 8
  %n = trunc i64 %n.i64 to i32
  %code = call fastcc i32 @matmul_compute_(ptr %A, ptr %B, ptr %C, i32 %n)
  ret i32 %code
}

define internal fastcc i32 @matmul_compute_(ptr noalias align 64 %A, ptr noalias align 64 %B, ptr noalias align 64 %C, i32 %n) noinline {
entry:
  br label %for_i

for_i:
  %i = phi i32 [ 0, %entry ], [ %i.next, %for_i_end ]
  %i.goes_on = icmp slt i32 %i, %n
  br i1 %i.goes_on, label %for_j, label %end

for_j:
  %j = phi i32 [ 0, %for_i ], [ %j.next, %for_j_end ]
  %j.goes_on = icmp slt i32 %j, %n
  br i1 %j.goes_on, label %for_k, label %for_i_end

for_k:
  %k = phi i32 [ 0, %for_j ], [ %k.next, %for_k_body ]
  %sum = phi float [ 0.0, %for_j ], [ %sum.next, %for_k_body ]
  %k.goes_on = icmp slt i32 %k, %n
  br i1 %k.goes_on, label %for_k_body, label %for_j_end

for_k_body:
  %a.row = mul i32 %i, %n
  %a.index = add i32 %a.row, %k
  %a.addr = getelementptr inbounds float, ptr %A, i32 %a.index
  %a = load float, ptr %a.addr, align 4
  %b.row = mul i32 %k, %n
  %b.index = add i32 %b.row, %j
  %b.addr = getelementptr inbounds float, ptr %B, i32 %b.index
  %b = load float, ptr %b.addr, align 4
  %sum.next = call float @llvm.fmuladd.f32(float %a, float %b, float %sum)
  %k.next = add i32 %k, 1
  br label %for_k

for_j_end:
  %c.row = mul i32 %i, %n
  %c.index = add i32 %c.row, %j
  %c.addr = getelementptr inbounds float, ptr %C, i32 %c.index
  store float %sum, ptr %c.addr, align 4
  %j.next = add i32 %j, 1
  br label %for_j

for_i_end:
  %i.next = add i32 %i, 1
  br label %for_i

end:
  ret i32 0
}

; B = s A + 1, a parallel loop with a barrier. The generation is in the result, so that it shows which
; library's kernel of that name was called.
define dllexport i32 @scaled(ptr noalias %args, ptr noalias %arg_type_ids, i32 %num_args, ptr noalias %out_ret_value, ptr noalias %out_ret_tcode) {
entry:
  %count_matches = icmp eq i32 %num_args, 3
  br i1 %count_matches, label %assert_end0, label %assert_fail0

assert_fail0:
  call void @TVMAPISetLastError(ptr @.str.10)
  ret i32 -1

assert_end0:
  ; A: a tensor of float32
  %A.tcode.addr = getelementptr inbounds i32, ptr %arg_type_ids, i32 0
  %A.tcode = load i32, ptr %A.tcode.addr, align 4
  switch i32 %A.tcode, label %assert_fail1 [
    i32 3, label %assert_end1
    i32 4, label %assert_end1
    i32 7, label %assert_end1
    i32 13, label %assert_end1
  ]

assert_fail1:
  call void @TVMAPISetLastError(ptr @.str.11)
  ret i32 -1

assert_end1:
  %A.value.addr = getelementptr inbounds %TVMValue, ptr %args, i32 0
  %A.handle = load ptr, ptr %A.value.addr, align 8
  %A = load ptr, ptr %A.handle, align 8
  ; B: a tensor of float32
  %B.tcode.addr = getelementptr inbounds i32, ptr %arg_type_ids, i32 1
  %B.tcode = load i32, ptr %B.tcode.addr, align 4
  switch i32 %B.tcode, label %assert_fail2 [
    i32 3, label %assert_end2
    i32 4, label %assert_end2
    i32 7, label %assert_end2
    i32 13, label %assert_end2
  ]

assert_fail2:
  call void @TVMAPISetLastError(ptr @.str.12)
  ret i32 -1

assert_end2:
  %B.value.addr = getelementptr inbounds %TVMValue, ptr %args, i32 1
  %B.handle = load ptr, ptr %B.value.addr, align 8
  %B = load ptr, ptr %B.handle, align 8
  ; s: a number
  %s.tcode.addr = getelementptr inbounds i32, ptr %arg_type_ids, i32 2
  %s.tcode = load i32, ptr %s.tcode.addr, align 4
  %s.is_float = icmp eq i32 %s.tcode, 2
  br i1 %s.is_float, label %assert_end3, label %assert_fail3

assert_fail3:
  call void @TVMAPISetLastError(ptr @.str.13)
  ret i32 -1

assert_end3:
  %s.value.addr = getelementptr inbounds %TVMValue, ptr %args, i32 2
  %s.f64 = load double, ptr %s.value.addr, align 8
  %s = fptrunc double %s.f64 to float
  %A.shape.addr = getelementptr inbounds %DLTensor, ptr %A.handle, i32 0, i32 4
  %A.shape = load ptr, ptr %A.shape.addr, align 4
  %n.i64 = load i64, ptr %A.shape, align 8
  %n = trunc i64 %n.i64 to i32
  %closure = alloca %closure_loop_parallel_i, align 4
  store ptr %A, ptr %closure, align 4
  %closure.B = getelementptr inbounds %closure_loop_parallel_i, ptr %closure, i32 0, i32 1
  store ptr %B, ptr %closure.B, align 4
  %closure.s = getelementptr inbounds %closure_loop_parallel_i, ptr %closure, i32 0, i32 2
  store float %s, ptr %closure.s, align 4
  %closure.n = getelementptr inbounds %closure_loop_parallel_i, ptr %closure, i32 0, i32 3
  store i32 %n, ptr %closure.n, align 4
  %code = call i32 @TVMBackendParallelLaunch(ptr @__tvm_parallel_lambda, ptr %closure, i32 0)
  ret i32 %code
}

define private i32 @__tvm_parallel_lambda(i32 %task_id, ptr %penv, ptr %cdata) {
entry:
  %A = load ptr, ptr %cdata, align 4
  %B.addr = getelementptr inbounds %closure_loop_parallel_i, ptr %cdata, i32 0, i32 1
  %B = load ptr, ptr %B.addr, align 4
  %s.addr = getelementptr inbounds %closure_loop_parallel_i, ptr %cdata, i32 0, i32 2
  %s = load float, ptr %s.addr, align 4
  %n.addr = getelementptr inbounds %closure_loop_parallel_i, ptr %cdata, i32 0, i32 3
  %n = load i32, ptr %n.addr, align 4
  %num_task.addr = getelementptr inbounds %TVMParallelGroupEnv, ptr %penv, i32 0, i32 1
  %num_task = load i32, ptr %num_task.addr, align 4
  ; This task's share is [task_id * ceil(n / num_task), ...), cut at n.
  %n.plus = add nsw i32 %n, %num_task
  %n.rounded = sub nsw i32 %n.plus, 1
  %share = sdiv i32 %n.rounded, %num_task
  %begin = mul nsw i32 %share, %task_id
  %end.uncut = add nsw i32 %begin, %share
  %end = call i32 @llvm.smin.i32(i32 %end.uncut, i32 %n)
  br label %scale

scale:
  %i = phi i32 [ %begin, %entry ], [ %i.next, %scale_body ]
  %i.goes_on = icmp slt i32 %i, %end
  br i1 %i.goes_on, label %scale_body, label %barrier

scale_body:
  %a.addr = getelementptr inbounds float, ptr %A, i32 %i
  %a = load float, ptr %a.addr, align 4
  %scaled = fmul float %a, %s
  %b.addr = getelementptr inbounds float, ptr %B, i32 %i
  store float %scaled, ptr %b.addr, align 4
  %i.next = add nsw i32 %i, 1
  br label %scale

barrier:
  %barrier.code = call i32 @TVMBackendParallelBarrier(i32 %task_id, ptr %penv)
  %barrier.passed = icmp eq i32 %barrier.code, 0
  br i1 %barrier.passed, label %shift, label %failed

failed:
  ret i32 %barrier.code

shift:
  %j = phi i32 [ %begin, %barrier ], [ %j.next, %shift_body ]
  %j.goes_on = icmp slt i32 %j, %end
  br i1 %j.goes_on, label %shift_body, label %done

shift_body:
  %c.addr = getelementptr inbounds float, ptr %B, i32 %j
  %c = load float, ptr %c.addr, align 4
  %shifted = fadd float %c, 1.0
  store float %shifted, ptr %c.addr, align 4
  %j.next = add nsw i32 %j, 1
  br label %shift

done:
  ret i32 0
}

; B = exp(A) / sum(exp(A)) of a vector; exp(A) is in workspace memory, as TVM has it for 1 KiB and more and for sizes
; that are not constant.
define dllexport i32 @softmax(ptr noalias %args, ptr noalias %arg_type_ids, i32 %num_args, ptr noalias %out_ret_value, ptr noalias %out_ret_tcode) {
entry:
  %count_matches = icmp eq i32 %num_args, 2
  br i1 %count_matches, label %assert_end0, label %assert_fail0

assert_fail0:
  call void @TVMAPISetLastError(ptr @.str.14)
  ret i32 -1

assert_end0:
  ; A: a tensor of float32
  %A.tcode.addr = getelementptr inbounds i32, ptr %arg_type_ids, i32 0
  %A.tcode = load i32, ptr %A.tcode.addr, align 4
  switch i32 %A.tcode, label %assert_fail1 [
    i32 3, label %assert_end1
    i32 4, label %assert_end1
    i32 7, label %assert_end1
    i32 13, label %assert_end1
  ]

assert_fail1:
  call void @TVMAPISetLastError(ptr @.str.15)
  ret i32 -1

assert_end1:
  %A.value.addr = getelementptr inbounds %TVMValue, ptr %args, i32 0
  %A.handle = load ptr, ptr %A.value.addr, align 8
  %A = load ptr, ptr %A.handle, align 8
  ; B: a tensor of float32
  %B.tcode.addr = getelementptr inbounds i32, ptr %arg_type_ids, i32 1
  %B.tcode = load i32, ptr %B.tcode.addr, align 4
  switch i32 %B.tcode, label %assert_fail2 [
    i32 3, label %assert_end2
    i32 4, label %assert_end2
    i32 7, label %assert_end2
    i32 13, label %assert_end2
  ]

assert_fail2:
  call void @TVMAPISetLastError(ptr @.str.16)
  ret i32 -1

assert_end2:
  %B.value.addr = getelementptr inbounds %TVMValue, ptr %args, i32 1
  %B.handle = load ptr, ptr %B.value.addr, align 8
  %B = load ptr, ptr %B.handle, align 8
  %A.shape.addr = getelementptr inbounds %DLTensor, ptr %A.handle, i32 0, i32 4
  %A.shape = load ptr, ptr %A.shape.addr, align 4
  %n.i64 = load i64, ptr %A.shape, align 8
  %n = trunc i64 %n.i64 to i32
  %dev_id.addr = getelementptr inbounds %DLTensor, ptr %A.handle, i32 0, i32 1, i32 1
  %dev_id = load i32, ptr %dev_id.addr, align 4
  %bytes = shl i64 %n.i64, 2
  %exps = call ptr @TVMBackendAllocWorkspace(i32 1, i32 %dev_id, i64 %bytes, i32 2, i32 32)
  %is_null = icmp eq ptr %exps, null
  br i1 %is_null, label %no_memory, label %fill

no_memory:
  ret i32 -1

fill:
  %i = phi i32 [ 0, %assert_end2 ], [ %i.next, %fill_body ]
  %sum = phi float [ 0.0, %assert_end2 ], [ %sum.next, %fill_body ]
  %i.goes_on = icmp slt i32 %i, %n
  br i1 %i.goes_on, label %fill_body, label %divide

fill_body:
  %a.addr = getelementptr inbounds float, ptr %A, i32 %i
  %a = load float, ptr %a.addr, align 4
  %exp = call float @llvm.exp.f32(float %a)
  %exp.addr = getelementptr inbounds float, ptr %exps, i32 %i
  store float %exp, ptr %exp.addr, align 4
  %sum.next = fadd float %sum, %exp
  %i.next = add nsw i32 %i, 1
  br label %fill

divide:
  %j = phi i32 [ 0, %fill ], [ %j.next, %divide_body ]
  %j.goes_on = icmp slt i32 %j, %n
  br i1 %j.goes_on, label %divide_body, label %free

divide_body:
  %e.addr = getelementptr inbounds float, ptr %exps, i32 %j
  %e = load float, ptr %e.addr, align 4
  %quotient = fdiv float %e, %sum
  %b.addr = getelementptr inbounds float, ptr %B, i32 %j
  store float %quotient, ptr %b.addr, align 4
  %j.next = add nsw i32 %j, 1
  br label %divide

free:
  %code = call i32 @TVMBackendFreeWorkspace(i32 1, i32 %dev_id, ptr %exps)
  ret i32 %code
}

; Calls `scaled` of its own library through the runtime: B = 2 A + 1.
define dllexport i32 @doubled(ptr noalias %args, ptr noalias %arg_type_ids, i32 %num_args, ptr noalias %out_ret_value, ptr noalias %out_ret_tcode) {
entry:
  %count_matches = icmp eq i32 %num_args, 2
  br i1 %count_matches, label %assert_end0, label %assert_fail0

assert_fail0:
  call void @TVMAPISetLastError(ptr @.str.17)
  ret i32 -1

assert_end0:
  ; A: a tensor of float32
  %A.tcode.addr = getelementptr inbounds i32, ptr %arg_type_ids, i32 0
  %A.tcode = load i32, ptr %A.tcode.addr, align 4
  switch i32 %A.tcode, label %assert_fail1 [
    i32 3, label %assert_end1
    i32 4, label %assert_end1
    i32 7, label %assert_end1
    i32 13, label %assert_end1
  ]

assert_fail1:
  call void @TVMAPISetLastError(ptr @.str.18)
  ret i32 -1

assert_end1:
  %A.value.addr = getelementptr inbounds %TVMValue, ptr %args, i32 0
  %A.handle = load ptr, ptr %A.value.addr, align 8
  ; B: a tensor of float32
  %B.tcode.addr = getelementptr inbounds i32, ptr %arg_type_ids, i32 1
  %B.tcode = load i32, ptr %B.tcode.addr, align 4
  switch i32 %B.tcode, label %assert_fail2 [
    i32 3, label %assert_end2
    i32 4, label %assert_end2
    i32 7, label %assert_end2
    i32 13, label %assert_end2
  ]

assert_fail2:
  call void @TVMAPISetLastError(ptr @.str.19)
  ret i32 -1

assert_end2:
  %B.value.addr = getelementptr inbounds %TVMValue, ptr %args, i32 1
  %B.handle = load ptr, ptr %B.value.addr, align 8
  ; The handle is looked up at the first call.
  %handle.addr = alloca ptr, align 4
  %handle.cached = load ptr, ptr @.tvm_func.scaled, align 4
  %handle.is_cached = icmp ne ptr %handle.cached, null
  br i1 %handle.is_cached, label %handle_init_end, label %handle_init

handle_init:
  %context = load ptr, ptr @__tvm_module_ctx, align 4
  %init.code = call i32 @TVMBackendGetFuncFromEnv(ptr %context, ptr @.str.20, ptr %handle.addr)
  %init.worked = icmp eq i32 %init.code, 0
  br i1 %init.worked, label %handle_found, label %call_fail

handle_found:
  %handle.new = load ptr, ptr %handle.addr, align 4
  store ptr %handle.new, ptr @.tvm_func.scaled, align 4
  br label %handle_init_end

handle_init_end:
  %handle = phi ptr [ %handle.cached, %assert_end2 ], [ %handle.new, %handle_found ]
  ; Values and type codes of the arguments, and behind them those of the result.
  %stack_value = alloca [4 x %TVMValue], align 8
  %stack_tcode = alloca [4 x i32], align 4
  store ptr %A.handle, ptr %stack_value, align 8
  store i32 7, ptr %stack_tcode, align 4
  %value.B = getelementptr inbounds %TVMValue, ptr %stack_value, i32 1
  store ptr %B.handle, ptr %value.B, align 8
  %tcode.B = getelementptr inbounds i32, ptr %stack_tcode, i32 1
  store i32 7, ptr %tcode.B, align 4
  %value.s = getelementptr inbounds %TVMValue, ptr %stack_value, i32 2
  store double 2.0, ptr %value.s, align 8
  %tcode.s = getelementptr inbounds i32, ptr %stack_tcode, i32 2
  store i32 2, ptr %tcode.s, align 4
  %value.result = getelementptr inbounds %TVMValue, ptr %stack_value, i32 3
  %tcode.result = getelementptr inbounds i32, ptr %stack_tcode, i32 3
  %call.code = call i32 @TVMFuncCall(ptr %handle, ptr %stack_value, ptr %stack_tcode, i32 3, ptr %value.result, ptr %tcode.result)
  %call.worked = icmp eq i32 %call.code, 0
  br i1 %call.worked, label %call_end, label %call_fail

call_fail:
  %failure = phi i32 [ %init.code, %handle_init ], [ %call.code, %handle_init_end ]
  ret i32 %failure

call_end:
  ret i32 0
}

; Calls `other_scaled`, which no library has: it is up to the bundle.
define dllexport i32 @far_doubled(ptr noalias %args, ptr noalias %arg_type_ids, i32 %num_args, ptr noalias %out_ret_value, ptr noalias %out_ret_tcode) {
entry:
  %count_matches = icmp eq i32 %num_args, 2
  br i1 %count_matches, label %assert_end0, label %assert_fail0

assert_fail0:
  call void @TVMAPISetLastError(ptr @.str.21)
  ret i32 -1

assert_end0:
  ; A: a tensor of float32
  %A.tcode.addr = getelementptr inbounds i32, ptr %arg_type_ids, i32 0
  %A.tcode = load i32, ptr %A.tcode.addr, align 4
  switch i32 %A.tcode, label %assert_fail1 [
    i32 3, label %assert_end1
    i32 4, label %assert_end1
    i32 7, label %assert_end1
    i32 13, label %assert_end1
  ]

assert_fail1:
  call void @TVMAPISetLastError(ptr @.str.22)
  ret i32 -1

assert_end1:
  %A.value.addr = getelementptr inbounds %TVMValue, ptr %args, i32 0
  %A.handle = load ptr, ptr %A.value.addr, align 8
  ; B: a tensor of float32
  %B.tcode.addr = getelementptr inbounds i32, ptr %arg_type_ids, i32 1
  %B.tcode = load i32, ptr %B.tcode.addr, align 4
  switch i32 %B.tcode, label %assert_fail2 [
    i32 3, label %assert_end2
    i32 4, label %assert_end2
    i32 7, label %assert_end2
    i32 13, label %assert_end2
  ]

assert_fail2:
  call void @TVMAPISetLastError(ptr @.str.23)
  ret i32 -1

assert_end2:
  %B.value.addr = getelementptr inbounds %TVMValue, ptr %args, i32 1
  %B.handle = load ptr, ptr %B.value.addr, align 8
  ; The handle is looked up at the first call.
  %handle.addr = alloca ptr, align 4
  %handle.cached = load ptr, ptr @.tvm_func.other_scaled, align 4
  %handle.is_cached = icmp ne ptr %handle.cached, null
  br i1 %handle.is_cached, label %handle_init_end, label %handle_init

handle_init:
  %context = load ptr, ptr @__tvm_module_ctx, align 4
  %init.code = call i32 @TVMBackendGetFuncFromEnv(ptr %context, ptr @.str.24, ptr %handle.addr)
  %init.worked = icmp eq i32 %init.code, 0
  br i1 %init.worked, label %handle_found, label %call_fail

handle_found:
  %handle.new = load ptr, ptr %handle.addr, align 4
  store ptr %handle.new, ptr @.tvm_func.other_scaled, align 4
  br label %handle_init_end

handle_init_end:
  %handle = phi ptr [ %handle.cached, %assert_end2 ], [ %handle.new, %handle_found ]
  ; Values and type codes of the arguments, and behind them those of the result.
  %stack_value = alloca [4 x %TVMValue], align 8
  %stack_tcode = alloca [4 x i32], align 4
  store ptr %A.handle, ptr %stack_value, align 8
  store i32 7, ptr %stack_tcode, align 4
  %value.B = getelementptr inbounds %TVMValue, ptr %stack_value, i32 1
  store ptr %B.handle, ptr %value.B, align 8
  %tcode.B = getelementptr inbounds i32, ptr %stack_tcode, i32 1
  store i32 7, ptr %tcode.B, align 4
  %value.s = getelementptr inbounds %TVMValue, ptr %stack_value, i32 2
  store double 2.0, ptr %value.s, align 8
  %tcode.s = getelementptr inbounds i32, ptr %stack_tcode, i32 2
  store i32 2, ptr %tcode.s, align 4
  %value.result = getelementptr inbounds %TVMValue, ptr %stack_value, i32 3
  %tcode.result = getelementptr inbounds i32, ptr %stack_tcode, i32 3
  %call.code = call i32 @TVMFuncCall(ptr %handle, ptr %stack_value, ptr %stack_tcode, i32 3, ptr %value.result, ptr %tcode.result)
  %call.worked = icmp eq i32 %call.code, 0
  br i1 %call.worked, label %call_end, label %call_fail

call_fail:
  %failure = phi i32 [ %init.code, %handle_init ], [ %call.code, %handle_init_end ]
  ret i32 %failure

call_end:
  ret i32 0
}

define internal void @__tvm_module_startup() {
entry:
  %0 = call i32 @TVMBackendRegisterSystemLibSymbol(ptr @.str.25, ptr @__tvm_module_ctx)
  %1 = call i32 @TVMBackendRegisterSystemLibSymbol(ptr @.str.26, ptr @doubled)
  %2 = call i32 @TVMBackendRegisterSystemLibSymbol(ptr @.str.27, ptr @far_doubled)
  %3 = call i32 @TVMBackendRegisterSystemLibSymbol(ptr @.str.28, ptr @matmul)
  %4 = call i32 @TVMBackendRegisterSystemLibSymbol(ptr @.str.20, ptr @scaled)
  %5 = call i32 @TVMBackendRegisterSystemLibSymbol(ptr @.str.29, ptr @softmax)
  ret void
}
