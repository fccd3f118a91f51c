/* How many threads the parallel loops use. OpenBLAS products are called from inside our own
 * parallel regions only, where they are single-threaded by themselves: their rounding then does
 * not depend on the thread count. */
#ifndef HN_BASE_THREADS_H
#define HN_BASE_THREADS_H

/* Use n threads from here on (0: all that the machine has). Call it before work starts. */
void hn_threads_set(int n);
/* The number in force, at least 1. */
int hn_threads(void);
/* This thread's number inside a parallel region, 0 outside. */
int hn_thread_id(void);

#endif
