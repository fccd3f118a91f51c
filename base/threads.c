#include "base/threads.h"

#include <omp.h>

void hn_threads_set(int n) {
  omp_set_num_threads(n > 0 ? n : omp_get_num_procs());
}

int hn_threads(void) {
  return omp_get_max_threads();
}

int hn_thread_id(void) {
  return omp_get_thread_num();
}
