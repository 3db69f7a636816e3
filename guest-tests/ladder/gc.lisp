; SPDX-License-Identifier: Apache-2.0
; Garbage for the collector, which notices writes by SIGSEGV and mprotect().
(let ((kept '()) (sum 0))
  (dotimes (i 60)
    (let ((v (make-array 20000)))
      (dotimes (j 20000) (setf (aref v j) (list j)))
      (when (zerop (mod i 10)) (push v kept))
      (incf sum (car (aref v 77)))))
  (sb-ext:gc :full t)
  (dolist (v kept) (setf (aref v 5) (list sum)) (incf sum (car (aref v 9))))
  (sb-ext:gc)
  (format t "~a~%" sum))
(sb-ext:exit)
