#!/bin/sh
# A NumPy array on stdout: npy.sh DTYPE SHAPE BYTES, the bytes as printf writes them, such as
# npy.sh '<i4' '(2,)' '\001\000\000\000\002\000\000\000'
header="{'descr': '$1', 'fortran_order': False, 'shape': $2, }"
printf '\223NUMPY\001\000\166\000%-117s\n' "$header"
printf "$3"
