/* What instructions this machine has: which of the sets of vector code it may run. */
#ifndef HN_BASE_CPU_H
#define HN_BASE_CPU_H

/* AVX2 with FMA. */
int hn_cpu_has_avx2(void);
/* AVX-512 F, BW, DQ and VL. */
int hn_cpu_has_avx512(void);

#endif
