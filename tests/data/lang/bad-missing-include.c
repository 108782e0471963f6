// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/mm.h>
#include "not/there.h"
#include
