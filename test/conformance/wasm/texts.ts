/** The modules of the cases as text. `modules.ts` holds their bytes; a test says when it is out of date. */
export const TEXTS = {
  arithmetic: `(module
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "add64") (param i64 i64) (result i64) (i64.add (local.get 0) (local.get 1)))
    (func (export "f32") (param f32) (result f32) (local.get 0))
    (func (export "f64") (param f64) (result f64) (local.get 0))
    (func (export "ref") (param externref) (result externref) (local.get 0))
    (func (export "fun") (param funcref) (result funcref) (local.get 0))
    (func (export "two") (param i32 i64) (result i64 i32) (local.get 1) (local.get 0))
    (func (export "none"))
    (func (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
    (func (export "fib") (param $n i32) (result i32) (local $a i32) (local $b i32) (local $t i32)
      (local.set $b (i32.const 1))
      (loop $l
        (local.set $t (i32.add (local.get $a) (local.get $b)))
        (local.set $a (local.get $b)) (local.set $b (local.get $t))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br_if $l (local.get $n)))
      (local.get $a)))`,
  state: `(module
    (memory (export "memory") 1 4)
    (global $g (export "g") (mut i32) (i32.const 10))
    (global (export "constant") i64 (i64.const -5))
    (table (export "table") 3 10 funcref)
    (elem (i32.const 0) $get)
    (data (i32.const 8) "wasm")
    (func $get (export "get") (result i32) (global.get $g))
    (func (export "set") (param i32) (global.set $g (local.get 0)))
    (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0)))
    (func (export "store") (param i32 i32) (i32.store8 (local.get 0) (local.get 1)))
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "fill") (memory.fill (i32.const 0) (i32.const 7) (i32.const 100)))
    (func (export "indirect") (param i32) (result i32) (call_indirect (result i32) (local.get 0))))`,
  imports: `(module
    (import "m" "f" (func $f (param i32 f64) (result i32)))
    (import "m" "memory" (memory 1))
    (import "m" "g" (global $g i32))
    (import "m" "table" (table 1 funcref))
    (func (export "run") (param i32) (result i32) (call $f (local.get 0) (f64.const 1.5)))
    (func (export "global") (result i32) (global.get $g))
    (func (export "load") (result i32) (i32.load8_u (i32.const 0))))`,
  start: `(module (import "m" "f" (func $f)) (func $s (call $f)) (start $s))`,
  exceptions: `(module
    (import "m" "tag" (tag $t (param i32)))
    (import "m" "f" (func $f))
    (export "tag" (tag $t))
    (func (export "throw") (param i32) (throw $t (local.get 0)))
    (func (export "handle") (result i32) (try (result i32) (do (call $f) (i32.const -1)) (catch $t)))
    (func (export "catchAll") (result i32) (try (result i32) (do (call $f) (i32.const -1)) (catch_all (i32.const -2)))))`,
  strings: `(module
    (import "c" "hello" (global externref))
    (import "wasm:js-string" "length" (func $length (param externref) (result i32)))
    (func (export "length") (param externref) (result i32) (call $length (local.get 0)))
    (export "hello" (global 0)))`,
  structs: `(module
    (type $p (struct (field i32)))
    (func (export "make") (param i32) (result (ref null $p)) (struct.new $p (local.get 0)))
    (func (export "read") (param (ref null $p)) (result i32) (struct.get $p 0 (local.get 0)))
    (func (export "same") (param anyref) (result anyref) (local.get 0)))`,
} as const;
