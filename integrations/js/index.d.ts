// Types of the loader, without those of DOM or node, so that they fit every project.

/** docs/bundle-abi.md has their names. 1 and 4, the 16-bit floats, come as Uint16Array, 13 (bool) as Uint8Array. */
export type DType = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13;

export type TypedArray = Int8Array | Int16Array | Int32Array | BigInt64Array | Uint8Array | Uint16Array | Uint32Array
  | BigUint64Array | Float32Array | Float64Array;

export type TypedArrayConstructor<A extends TypedArray> =
  new (buffer: ArrayBuffer, offset: number, length: number) => A;

/**
 * A kernel: i32, f32 and f64 are numbers, i64 is a bigint; a View passes as its address. i32 results are signed:
 * `result >>> 0` is an address.
 */
export type Kernel = (...args: any[]) => any;

export interface KernelInfo {
  /** Its index in the registry. */
  readonly handle: number;
  /** 0: plain C; others in docs/bundle-abi.md. */
  readonly abi: number;
  /** "params:results", one letter each: i i32, I i64, f f32, F f64, v v128, x externref, p funcref. */
  readonly signature: string;
  /** Index into `libraries`. */
  readonly library: number;
}

export interface Param {
  readonly dtype: DType;
  readonly shape: number[];
  readonly bytes: number;
  /** null: external, `manifest.params` has the name of its file. */
  readonly view: View | null;
}

/** `length` elements of the bundle's memory, from `address` on. Kernels take it as an address. */
export declare class View<A extends TypedArray = TypedArray> {
  private constructor();
  readonly bundle: Bundle;
  readonly type: TypedArrayConstructor<A>;
  readonly address: number;
  readonly length: number;
  /** The elements in the memory as it is now. Any call may grow memory, which ends arrays taken before: take it anew. */
  get array(): A;
  valueOf(): number;
  /** Gives the memory back; only for what `put` made, or of an address of `alloc`. */
  free(): void;
}

/** One instance. After a trap of `initialize`, or of the first access to a kernel, throw it away. */
export declare class Bundle<Kernels = Readonly<Record<string, Kernel>>> {
  private constructor();
  /** The instance's exports. */
  readonly exports: Readonly<Record<string, any>>;
  /** The content of the section `wasmpack.manifest`; {} if someone stripped it. */
  readonly manifest: any;
  /** A function for each name of the registry, looked up when it is asked for. */
  readonly kernels: Kernels;
  readonly info: ReadonlyMap<string, KernelInfo>;
  readonly libraries: readonly string[];
  readonly params: Readonly<Record<string, Param>>;
  /** Runs the constructors once; later calls do nothing. */
  initialize(): void;
  /** The handle of a kernel, -1 if there is none of that name. */
  find(name: string): number;
  /** The address of `size` bytes; `align` is a power of two up to 65536, default 16. Throws if there is no memory. */
  alloc(size: number, align?: number): number;
  free(address: number | View): void;
  /** `length` elements at an address that is a multiple of their size. */
  view<A extends TypedArray>(type: TypedArrayConstructor<A>, address: number | View, length: number): View<A>;
  /** A copy of an array in the bundle's memory. */
  put<A extends TypedArray>(array: A, align?: number): View<A>;
  /** The NUL-terminated text at an address, null at 0. */
  text(address: number): string | null;
  /** The text of the last failed call of a library (an index; -1, the default: of any), null if there is none. */
  error(library?: number): string | null;
}

interface ResponseLike {
  readonly url: string;
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  arrayBuffer(): Promise<ArrayBuffer>;
}

/**
 * A URL (https: and such by fetch, file: outside browsers), a Response or a promise of one, the bytes, or a
 * WebAssembly.Module (to types just an object). A response of type application/wasm is compiled while it comes in.
 */
export type Source = URLLike | ResponseLike | ArrayBuffer | ArrayBufferView | object;
interface URLLike {
  readonly href: string;
  readonly protocol: string;
}

export interface Options {
  /** What the bundle imports, by module and name. A memory that is not given is made. */
  readonly imports?: Readonly<Record<string, Readonly<Record<string, any>>>>;
  /** false: constructors run at `initialize()`, or with the first kernel. Default true. */
  readonly initialize?: boolean;
}

/** Throws if the source cannot be had, is no bundle, is of a newer ABI, or imports what `imports` has not. */
export declare function instantiate<Kernels = Readonly<Record<string, Kernel>>>(
  source: Source | Promise<Source>, options?: Options): Promise<Bundle<Kernels>>;
