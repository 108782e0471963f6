// SPDX-License-Identifier: GPL-2.0-or-later
// Page tables of one level: a PTE is a page frame number and bits, or a swap or migration entry. The hardware sets the
// accessed and the dirty bit at any time (tlb.h), so that a present PTE is changed by read-modify-write, and read with
// READ_ONCE() even where its lock is held.
//
// One lock for a whole table (mm->page_table_lock), as kernels without split PTE locks have it.
//
// @source include/asm-generic/pgtable.h, include/linux/swapops.h v2.6.20 to v4.5
#pragma once

#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))
#ifndef PTRS_PER_PTE
#define PTRS_PER_PTE 4
#endif

typedef struct { unsigned long pte; } pte_t;
typedef struct { unsigned long val; } swp_entry_t;

#define _PAGE_PRESENT 0x01UL
#define _PAGE_RW 0x02UL
#define _PAGE_ACCESSED 0x04UL
#define _PAGE_DIRTY 0x08UL
#define _PAGE_PROTNONE 0x10UL
#define _PAGE_SWAP 0x20UL            /* not present: a swap entry, the slot instead of the frame */
#define _PAGE_MIGRATION 0x40UL       /* not present: a migration entry for the frame */
#define _PAGE_MIGRATION_WRITE 0x80UL /* and the PTE was writable */
#define _PAGE_SOFT_DIRTY 0x100UL     /* of either: written to since the last checkpoint */
#define _PAGE_HWPOISON 0x200UL       /* not present: the frame has failed, whoever touches it gets SIGBUS */

struct vm_area_struct;

struct mm_struct {
	struct rw_semaphore mmap_sem;
	spinlock_t page_table_lock;
	struct vm_area_struct *mmap;
	struct mm_struct *next; /* of those that share pages: by fork() */
	atomic_t mm_users, mm_count;
	atomic_t tlb_flush_pending;
	unsigned long cpu_vm_mask;
	unsigned long tlb_flush_batched;
	pte_t pmd; /* of a huge page that is mapped whole: huge.h */
	pte_t pgt[PTRS_PER_PTE];
};

#define __pte(v) ((pte_t){ (v) })
#define mk_pte(page, prot) __pte(page_to_pfn(page) << PAGE_SHIFT | (prot))
#define pte_pfn(e) (pte_val(e) >> PAGE_SHIFT)
#define pte_page(e) pfn_to_page(pte_pfn(e))

static inline unsigned long pte_val(pte_t pte) { return pte.pte; }
static inline int pte_none(pte_t pte) { return !pte.pte; }
static inline int pte_present(pte_t pte) { return (pte.pte & (_PAGE_PRESENT | _PAGE_PROTNONE)) != 0; }
static inline int pte_write(pte_t pte) { return (pte.pte & _PAGE_RW) != 0; }
static inline int pte_dirty(pte_t pte) { return (pte.pte & _PAGE_DIRTY) != 0; }
static inline int pte_young(pte_t pte) { return (pte.pte & _PAGE_ACCESSED) != 0; }
static inline int pte_same(pte_t a, pte_t b) { return a.pte == b.pte; }
static inline int is_swap_pte(pte_t pte) { return !pte_none(pte) && !pte_present(pte); }
static inline pte_t pte_mkwrite(pte_t pte) { return __pte(pte.pte | _PAGE_RW); }
static inline pte_t pte_wrprotect(pte_t pte) { return __pte(pte.pte & ~_PAGE_RW); }
static inline pte_t pte_mkdirty(pte_t pte) { return __pte(pte.pte | _PAGE_DIRTY); }
static inline pte_t pte_mkclean(pte_t pte) { return __pte(pte.pte & ~_PAGE_DIRTY); }
static inline pte_t pte_mkyoung(pte_t pte) { return __pte(pte.pte | _PAGE_ACCESSED); }
static inline pte_t pte_mkold(pte_t pte) { return __pte(pte.pte & ~_PAGE_ACCESSED); }

// --- entries that are not present

#define pte_to_swp_entry(e) ((swp_entry_t){ pte_val(e) })
#define swp_entry_to_pte(entry) __pte((entry).val)
#define swp_entry(slot) ((swp_entry_t){ (unsigned long)(slot) << PAGE_SHIFT | _PAGE_SWAP })
#define swp_offset(entry) ((entry).val >> PAGE_SHIFT)
#define make_migration_entry(page, write) \
	((swp_entry_t){ page_to_pfn(page) << PAGE_SHIFT | _PAGE_MIGRATION | ((write) ? _PAGE_MIGRATION_WRITE : 0) })
#define is_migration_entry(entry) (((entry).val & _PAGE_MIGRATION) != 0)
#define is_write_migration_entry(entry) (((entry).val & _PAGE_MIGRATION_WRITE) != 0)
#define make_hwpoison_entry(page) ((swp_entry_t){ page_to_pfn(page) << PAGE_SHIFT | _PAGE_HWPOISON })
#define is_hwpoison_entry(entry) (((entry).val & _PAGE_HWPOISON) != 0)
#define non_swap_entry(entry) (is_migration_entry(entry) || is_hwpoison_entry(entry))

// What its entry points to holds its page, and a page under migration is locked.
static inline struct page *migration_entry_to_page(swp_entry_t entry)
{
	struct page *page = pfn_to_page(entry.val >> PAGE_SHIFT);

	BUG_ON(!PageLocked(page));
	return page;
}

// --- a table and its lock

#define pte_offset_map(mm, addr) (&(mm)->pgt[((addr) >> PAGE_SHIFT) % PTRS_PER_PTE])
#define pte_lockptr(mm) (&(mm)->page_table_lock)
#define pte_unmap(pte) do { } while (0)
#define pte_unmap_unlock(pte, ptl) spin_unlock(ptl)
#define ptep_get(ptep) READ_ONCE(*(ptep))

#define pte_offset_map_lock(mm, addr, ptlp) \
	({ \
		*(ptlp) = pte_lockptr(mm); \
		spin_lock(*(ptlp)); \
		pte_offset_map(mm, addr); \
	})

#define set_pte_at(mm, addr, ptep, e) WRITE_ONCE(*(ptep), e)
#define pte_clear(mm, addr, ptep) WRITE_ONCE(*(ptep), __pte(0))
#define ptep_get_and_clear(mm, addr, ptep) __pte(xchg_relaxed(&(ptep)->pte, 0UL))
#define ptep_get_and_clear_full(mm, addr, ptep, full) ptep_get_and_clear(mm, addr, ptep)

#define update_mmu_cache(vma, addr, ptep) do { } while (0)

static inline void ptep_set_wrprotect(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	(void)mm;
	(void)addr;
	clear_bit(1, &ptep->pte); /* _PAGE_RW */
}
