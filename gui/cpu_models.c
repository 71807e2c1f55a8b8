#include "gui/cpu_models.h"

#include "cpu/cpu.h"

void print_cpu_models(FILE *out)
{
    const struct cpu_model *model;
    for (unsigned i = 0; (model = cpu_model_at(i)); i++)
        fprintf(out, "%-12s %s, %g MHz%s\n", cpu_model_name(model), cpu_model_title(model),
                (double)cpu_model_hz(model) / 1e6, model == cpu_model_default() ? " (the default)" : "");
}
