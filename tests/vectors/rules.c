#include "tests/vectors/rules.h"
const struct rule rules[]={{"x","y"}};
unsigned rules_count(void){return 0;}
int rules_find(const struct moo_test *test, unsigned level, const struct rig_result *result){(void)test;(void)level;(void)result;return -1;}
