// Runs a bundle for another program: reads requests from standard input, a line each, and answers with a line.
//
//   call HEX-OF-NAME VALUE...     ok VALUE... | trap
//   slot NUMBER VALUE...          the same through the table
//   read ADDRESS SIZE             ok HEX | trap
//   write ADDRESS HEX             ok | trap
//   log                           ok, then what the bundle gave env.log
//
// A value is a letter (i I f F) and the number; numbers of floats are their bits.
import fs from 'node:fs';
import readline from 'node:readline';

const log = [];
const module = await WebAssembly.compile(fs.readFileSync(process.argv[2]));
const {exports} = await WebAssembly.instantiate(module, {env: {log: (n, x) => log.push(`${n}:${x}`)}});

const scratch = new DataView(new ArrayBuffer(8));
const decoders = {
  i: Number,
  I: BigInt,
  f: (text) => (scratch.setUint32(0, Number(text)), scratch.getFloat32(0)),
  F: (text) => (scratch.setBigUint64(0, BigInt(text)), scratch.getFloat64(0)),
};
const encoders = {
  i: String,
  I: String,
  f: (value) => (scratch.setFloat32(0, value), String(scratch.getUint32(0))),
  F: (value) => (scratch.setFloat64(0, value), String(scratch.getBigUint64(0))),
};

// The last word of a call are the letters of its results, '-' if there are none.
function call(target, words) {
  const letters = words.pop().replace('-', '');
  const result = target(...words.map((word) => decoders[word[0]](word.slice(1))));
  const results = letters.length === 0 ? [] : letters.length === 1 ? [result] : result;
  return [...letters].map((letter, i) => letter + encoders[letter](results[i])).join(' ');
}

const bytes = (at, size) => new Uint8Array(exports.memory.buffer, Number(at), size);
const requests = {
  call: ([name, ...words]) => call(exports[Buffer.from(name, 'hex').toString()], words),
  slot: ([slot, ...words]) => call(exports.__indirect_function_table.get(Number(slot)), words),
  read: ([at, size]) => Buffer.from(bytes(at, Number(size))).toString('hex'),
  write: ([at, hex = '']) => (bytes(at, hex.length / 2).set(Buffer.from(hex, 'hex')), ''),
  log: () => log.join(' '),
};

for await (const line of readline.createInterface({input: process.stdin})) {
  const [request, ...words] = line.split(' ').filter((word) => word !== '');
  let answer;
  try {
    answer = `ok ${requests[request](words)}`;
  } catch (error) {
    answer = `trap ${error.message}`;
  }
  process.stdout.write(answer + '\n');
}
