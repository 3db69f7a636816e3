! SPDX-License-Identifier: Apache-2.0
! Solves a linear system with LAPACK; the answer is known.
program solve
  implicit none
  integer, parameter :: n = 200
  double precision :: a(n, n), c(n, n), x(n), b(n)
  integer :: p(n), info, i, j
  do j = 1, n
    do i = 1, n
      a(i, j) = 1.0d0 / (i + j) + sin(dble(i * j))
    end do
    a(j, j) = a(j, j) + n
    x(j) = j
  end do
  c = a
  b = matmul(a, x)
  call dgesv(n, 1, a, n, p, b, n, info)
  print '(i0, 1x, f0.6)', info, sum(b)
  print '(l1)', maxval(abs(b - x)) < 1d-8
end program
