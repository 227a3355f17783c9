import { Bundle, TypedArray, View } from "./index.js";

/** A compact DLTensor on the CPU. */
export declare class Tensor<A extends TypedArray = TypedArray> {
  private constructor();
  readonly view: View<A>;
  readonly shape: readonly number[];
  /** Of the DLTensor. */
  readonly address: number;
  /** The elements, in the memory as it is now. */
  get array(): A;
  /** Gives the DLTensor back, and the elements if `tensor` copied them. */
  free(): void;
}

/**
 * A tensor of a copy of an array, or of a view as it is. The dtype is the array's; `dtype` says what the bits of a
 * Uint16Array are otherwise.
 */
export declare function tensor<A extends TypedArray>(
  bundle: Bundle<any>, data: A | View<A>, shape?: readonly number[], dtype?: "float16" | "bfloat16"): Tensor<A>;

export type Argument = Tensor<any> | number | bigint | null;

/**
 * Calls a kernel of abi 1 to 4 (docs/bundle-abi.md). A number is passed as a float, a bigint as an integer. The result
 * is null where the kernel gives none. Throws with the library's error text if the call fails. Arguments stay the
 * caller's.
 */
export declare function call(
  bundle: Bundle<any>, name: string, ...args: readonly Argument[]): number | bigint | null;
