#lang racket/base
; SPDX-License-Identifier: Apache-2.0
; Six programs of the language shootout: shoot.rkt NAME N. They print what the
; shootout publishes, as n-body 1000: -0.169075164 and -0.169087605.

(define (fixed x digits) ; a rounded number, all digits behind its point
  (define ten (expt 10 digits))
  (define n (inexact->exact (round (* (abs x) ten))))
  (define rest (number->string (+ ten (remainder n ten))))
  (string-append (if (< x 0) "-" "") (number->string (quotient n ten)) "."
                 (substring rest 1)))

(define (fannkuch n)
  (define p (for/vector ([i n]) i))
  (define count (make-vector n 0))
  (define (swap! v i j)
    (define x (vector-ref v i))
    (vector-set! v i (vector-ref v j))
    (vector-set! v j x))
  (define (flips)
    (define q (vector-copy* p))
    (let loop ([k 0])
      (define first (vector-ref q 0))
      (cond [(= first 0) k]
            [else (for ([i (quotient (+ first 1) 2)]) (swap! q i (- first i)))
                  (loop (+ k 1))])))
  (define (rotate! r) ; the first r+1
    (define x (vector-ref p 0))
    (for ([i r]) (vector-set! p i (vector-ref p (+ i 1))))
    (vector-set! p r x))
  (let loop ([at 0] [sum 0] [most 0])
    (define k (flips))
    (define s (if (even? at) (+ sum k) (- sum k)))
    (define m (max most k))
    (if (let next ([r 1])
          (cond [(= r n) #f]
                [else (rotate! r)
                      (vector-set! count r (+ 1 (vector-ref count r)))
                      (or (<= (vector-ref count r) r)
                          (begin (vector-set! count r 0) (next (+ r 1))))]))
        (loop (+ at 1) s m)
        (printf "~a\nPfannkuchen(~a) = ~a\n" s n m))))
(define (vector-copy* v)
  (define to (make-vector (vector-length v)))
  (vector-copy! to 0 v)
  to)

(define (binary-trees n)
  (define (make d)
    (if (= d 0) '(#f . #f) (cons (make (- d 1)) (make (- d 1)))))
  (define (check t) (if (car t) (+ 1 (check (car t)) (check (cdr t))) 1))
  (define most (max 6 n))
  (printf "stretch tree of depth ~a\t check: ~a\n" (+ most 1)
          (check (make (+ most 1))))
  (define long (make most))
  (for ([d (in-range 4 (+ most 1) 2)])
    (define times (expt 2 (+ (- most d) 4)))
    (printf "~a\t trees of depth ~a\t check: ~a\n" times d
            (for/sum ([_ times]) (check (make d)))))
  (printf "long lived tree of depth ~a\t check: ~a\n" most (check long)))

; Sun, Jupiter, Saturn, Uranus, Neptune: place, speed a day, mass of the Sun's.
(define bodies
  '((0. 0. 0. 0. 0. 0. 1.)
    (4.84143144246472090 -1.16032004402742839 -.103622044471123109
     .00166007664274403694 .00769901118419740425 -.0000690460016972063023
     .000954791938424326609)
    (8.34336671824457987 4.12479856412430479 -.403523417114321381
     -.00276742510726411 .00499852801234917238 .0000230417297573763929
     .000285885980666130812)
    (12.8943695621391310 -15.1111514016986312 -.223307578892655734
     .00296460137564761618 .00237847173959480950 -.0000296589568540237556
     .0000436624404335156298)
    (15.3796971148509165 -25.9193146099879641 .179258772950371181
     .00268067772490389322 .00162824170038242295 -.0000951592254519715870
     .0000515138902046611451)))
(define (n-body n)
  (define year 365.24)
  (define solar (* 4 3.141592653589793 3.141592653589793))
  (define all
    (for/list ([b bodies])
      (for/vector ([x b] [i 7])
        (* x (cond [(< i 3) 1.] [(< i 6) year] [else solar])))))
  (define-syntax-rule (at b i) (vector-ref b i))
  (define-syntax-rule (add! b i x) (vector-set! b i (+ (vector-ref b i) x)))
  (for* ([b all] [i 3])
    (add! (car all) (+ 3 i) (- (/ (* (at b (+ 3 i)) (at b 6)) solar))))
  (define (distance a b)
    (sqrt (for/sum ([i 3]) (expt (- (at a i) (at b i)) 2))))
  (define (pairs) ; each two of them
    (let loop ([l all])
      (if (null? l) '()
          (append (for/list ([b (cdr l)]) (cons (car l) b)) (loop (cdr l))))))
  (define two (pairs))
  (define (energy)
    (- (for/sum ([b all])
         (* .5 (at b 6) (for/sum ([i 3]) (expt (at b (+ 3 i)) 2))))
       (for/sum ([p two])
         (/ (* (at (car p) 6) (at (cdr p) 6)) (distance (car p) (cdr p))))))
  (displayln (fixed (energy) 9))
  (for ([_ n])
    (for ([p two])
      (define a (car p))
      (define b (cdr p))
      (define pull (/ .01 (expt (distance a b) 3)))
      (for ([i 3])
        (define d (- (at a i) (at b i)))
        (add! a (+ 3 i) (- (* d (at b 6) pull)))
        (add! b (+ 3 i) (* d (at a 6) pull))))
    (for* ([b all] [i 3]) (add! b i (* .01 (at b (+ 3 i))))))
  (displayln (fixed (energy) 9)))

(define (spectral-norm n)
  (define (a i j) (/ 1. (+ (* (+ i j) (/ (+ i j 1) 2)) i 1)))
  (define (mul v turned)
    (for/vector #:length n ([i n])
      (for/fold ([s 0.]) ([j n])
        (+ s (* (if turned (a j i) (a i j)) (vector-ref v j))))))
  (define (twice v) (mul (mul v #f) #t))
  (define u (for/fold ([u (make-vector n 1.)]) ([_ 9]) (twice (twice u))))
  (define v (twice u))
  (define u2 (twice v))
  (define (dot x y) (for/fold ([s 0.]) ([a x] [b y]) (+ s (* a b))))
  (displayln (fixed (sqrt (/ (dot u2 v) (dot v v))) 9)))

(define (mandelbrot n)
  (define (inside? x y) ; after 50 rounds
    (define cr (- (/ (* 2. x) n) 1.5))
    (define ci (- (/ (* 2. y) n) 1.))
    (let loop ([r 0.] [i 0.] [k 50])
      (define r2 (* r r))
      (define i2 (* i i))
      (cond [(> (+ r2 i2) 4.) #f]
            [(= k 0) #t]
            [else (loop (+ (- r2 i2) cr) (+ (* 2. r i) ci) (- k 1))])))
  (printf "P4\n~a ~a\n" n n)
  (for* ([y n] [x (in-range 0 n 8)])
    (write-byte (for/fold ([byte 0]) ([k 8])
                  (+ (* 2 byte)
                     (if (and (< (+ x k) n) (inside? (+ x k) y)) 1 0))))))

(define alu
  (string-append
   "GGCCGGGCGCGGTGGCTCACGCCTGTAATCCCAGCACTTTGGGAGGCCGAGGCGGGCGGATCACCTGAGGTC"
   "AGGAGTTCGAGACCAGCCTGGCCAACATGGTGAAACCCCGTCTCTACTAAAAATACAAAAATTAGCCGGGCG"
   "TGGTGGCGCGCGCCTGTAATCCCAGCTACTCGGGAGGCTGAGGCAGGAGAATCGCTTGAACCCGGGAGGCGG"
   "AGGTTGCAGTGAGCCGAGATCGCGCCACTGCACTCCAGCCTGGGCGACAGAGCGAGACTCCGTCTCAAAAA"))
(define (fasta n)
  (define seed 42)
  (define (random)
    (set! seed (remainder (+ (* seed 3877) 29573) 139968))
    (/ seed 139968.))
  (define (lines n next)
    (for ([start (in-range 0 n 60)])
      (displayln (build-string (min 60 (- n start)) (lambda (_) (next))))))
  (define (pick table)
    (define r (random))
    (let loop ([t table] [sum (cadar table)])
      (if (or (< r sum) (null? (cdr t))) (caar t)
          (loop (cdr t) (+ sum (cadadr t))))))
  (define at -1)
  (displayln ">ONE Homo sapiens alu")
  (lines (* 2 n) (lambda ()
                   (set! at (remainder (+ at 1) (string-length alu)))
                   (string-ref alu at)))
  (displayln ">TWO IUB ambiguity codes")
  (lines (* 3 n)
         (lambda ()
           (pick '((#\a .27) (#\c .12) (#\g .12) (#\t .27) (#\B .02) (#\D .02)
                   (#\H .02) (#\K .02) (#\M .02) (#\N .02) (#\R .02) (#\S .02)
                   (#\V .02) (#\W .02) (#\Y .02)))))
  (displayln ">THREE Homo sapiens frequency")
  (lines (* 5 n)
         (lambda ()
           (pick '((#\a .3029549426680) (#\c .1979883004921)
                   (#\g .1975473066391) (#\t .3015094502008))))))

(define programs
  (list (cons "fannkuch" fannkuch) (cons "binary-trees" binary-trees)
        (cons "n-body" n-body) (cons "spectral-norm" spectral-norm)
        (cons "mandelbrot" mandelbrot) (cons "fasta" fasta)))
(define words (current-command-line-arguments))
((cdr (assoc (vector-ref words 0) programs))
 (string->number (vector-ref words 1)))
