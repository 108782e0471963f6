// SPDX-License-Identifier: GPL-2.0-or-later
// A page that is being migrated leaves an entry in the page table that is neither present nor empty, and names the page:
// type and offset go into a swap entry, that into a pte, and all comes back. File offsets share the space and must be told
// apart.
// @source include/linux/swapops.h v2.6.20: swp_entry(), make_migration_entry(), is_migration_entry(), migration_entry_to_page()
// @source include/asm-x86_64/pgtable.h v2.6.20: __swp_entry(), __swp_type(), __swp_offset()
// @expect all: safe
// @expect[TYPE_SHORT] all: violation (assertion)
// @expect[SAME_TYPE] all: violation (assertion)
// @expect[NO_PRESENT_SHIFT] all: violation (assertion)
// @expect[READ_BY_OR] all: violation (assertion)
#include <ringtail.h>

#define MAX_SWAPFILES_SHIFT 5
#define MAX_SWAPFILES ((1 << MAX_SWAPFILES_SHIFT) - 2)
#define SWP_MIGRATION_READ MAX_SWAPFILES
#ifdef SAME_TYPE
#define SWP_MIGRATION_WRITE MAX_SWAPFILES
#else
#define SWP_MIGRATION_WRITE (MAX_SWAPFILES + 1)
#endif

#define SWP_TYPE_SHIFT (64 - MAX_SWAPFILES_SHIFT)
#define SWP_OFFSET_MASK ((1UL << SWP_TYPE_SHIFT) - 1)

#define _PAGE_PRESENT 0x001UL
#define _PAGE_FILE 0x040UL
#define MAX_PFN (1UL << 34) /* 46 bits of physical memory, pages of 12 */

#ifdef NO_PRESENT_SHIFT
#define ARCH_TYPE_SHIFT 0
#else
#define ARCH_TYPE_SHIFT 1
#endif
#ifdef TYPE_SHORT
#define ARCH_TYPE_MASK 0xf
#else
#define ARCH_TYPE_MASK 0x3f
#endif

typedef struct { unsigned long val; } swp_entry_t;
typedef struct { unsigned long pte; } pte_t;

static swp_entry_t swp_entry(unsigned long type, unsigned long offset)
{
	swp_entry_t ret;

	ret.val = (type << SWP_TYPE_SHIFT) | (offset & SWP_OFFSET_MASK);
	return ret;
}

static unsigned swp_type(swp_entry_t entry) { return entry.val >> SWP_TYPE_SHIFT; }
static unsigned long swp_offset(swp_entry_t entry) { return entry.val & SWP_OFFSET_MASK; }

static pte_t swp_entry_to_pte(swp_entry_t entry)
{
	pte_t pte;

	pte.pte = ((unsigned long)swp_type(entry) << ARCH_TYPE_SHIFT) | (swp_offset(entry) << 8);
	return pte;
}

static swp_entry_t pte_to_swp_entry(pte_t pte)
{
	return swp_entry((pte.pte >> ARCH_TYPE_SHIFT) & ARCH_TYPE_MASK, pte.pte >> 8);
}

static swp_entry_t make_migration_entry(unsigned long pfn, int write)
{
	return swp_entry(write ? SWP_MIGRATION_WRITE : SWP_MIGRATION_READ, pfn);
}

static int is_migration_entry(swp_entry_t entry)
{
	return swp_type(entry) == SWP_MIGRATION_READ || swp_type(entry) == SWP_MIGRATION_WRITE;
}

static int is_write_migration_entry(swp_entry_t entry) { return swp_type(entry) == SWP_MIGRATION_WRITE; }

static void make_migration_entry_read(swp_entry_t *entry)
{
#ifdef READ_BY_OR
	*entry = swp_entry(swp_type(*entry) | SWP_MIGRATION_READ, swp_offset(*entry));
#else
	*entry = swp_entry(SWP_MIGRATION_READ, swp_offset(*entry));
#endif
}

PROOF(page_comes_back)
{
	unsigned long pfn = choose(0UL, MAX_PFN - 1);
	int write = choose(0, 1);
	pte_t pte = swp_entry_to_pte(make_migration_entry(pfn, write));
	swp_entry_t back = pte_to_swp_entry(pte);

	assert(pte.pte != 0);
	assert(!(pte.pte & _PAGE_PRESENT));
	assert(is_migration_entry(back));
	assert(is_write_migration_entry(back) == write);
	assert(swp_offset(back) == pfn);
}

/* Any swap entry of a real swap file survives too, and is never taken for a page under migration. */
PROOF(swap_is_not_migration)
{
	unsigned type = choose(0U, MAX_SWAPFILES - 1U);
	unsigned long offset = choose(0UL, (1UL << 50) - 1);
	pte_t pte = swp_entry_to_pte(swp_entry(type, offset));
	swp_entry_t back = pte_to_swp_entry(pte);

	assert(!is_migration_entry(back));
	assert(swp_type(back) == type && swp_offset(back) == offset);
	assert(!(pte.pte & _PAGE_PRESENT));
}

/* fork() takes write permission from an entry: the page stays the same. */
PROOF(write_protect_keeps_the_page)
{
	unsigned long pfn = choose(0UL, MAX_PFN - 1);
	swp_entry_t entry = make_migration_entry(pfn, 1);

	make_migration_entry_read(&entry);
	assert(is_migration_entry(entry));
	assert(!is_write_migration_entry(entry));
	assert(swp_offset(entry) == pfn);
}
