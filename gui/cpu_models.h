/* --cpu help. */
#ifndef TICK86_GUI_CPU_MODELS_H
#define TICK86_GUI_CPU_MODELS_H

#include <stdio.h>

void print_cpu_models(FILE *out);

#endif
