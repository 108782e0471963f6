// Cleanups that there are no words for.
#include <ringtail.h>

static int at_file_level __attribute__((cleanup(give_back)));
static void give_back(int *p) { WRITE_ONCE(*p, 0); }

THREAD(t)
{
	int nobody __attribute__((cleanup(no_such_function))) = 1;

	goto inside;
	{
		int x __attribute__((cleanup(give_back))) = 1;

inside:
		assert(x == 1);
	}
	switch (nobody) {
	case 1:;
		int y __attribute__((cleanup(give_back))) = 2;
	case 2:
		assert(y);
	}
}
