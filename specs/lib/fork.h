// SPDX-License-Identifier: GPL-2.0-or-later
// fork(): the child gets the parent's anonymous pages, and neither may write to them from then on.
// @source mm/memory.c v4.5: copy_one_pte(); kernel/fork.c v4.5: dup_mmap()
#pragma once

static inline void copy_one_pte(struct mm_struct *dst_mm, struct mm_struct *src_mm, unsigned long addr)
{
	pte_t *src_pte = pte_offset_map(src_mm, addr), pte = ptep_get(src_pte);

	if (!pte_present(pte))
		return;
	if (pte_write(pte)) {
		ptep_set_wrprotect(src_mm, addr, src_pte);
		pte = pte_wrprotect(pte);
	}
	get_page(pte_page(pte));
	page_dup_rmap(pte_page(pte));
	set_pte_at(dst_mm, addr, pte_offset_map(dst_mm, addr), pte_mkold(pte));
}

static inline void dup_mmap(struct mm_struct *mm, struct mm_struct *oldmm)
{
	struct vm_area_struct *mpnt, *tmp, **last = &mm->mmap;
	unsigned long addr;

	down_write(&oldmm->mmap_sem);
	mm->next = oldmm->next;
	oldmm->next = mm;
	for (mpnt = oldmm->mmap; mpnt; mpnt = mpnt->vm_next) {
		if (mpnt->vm_flags & VM_DONTCOPY)
			continue;
		tmp = kmalloc(sizeof(*tmp), GFP_KERNEL);
		*tmp = *mpnt;
		tmp->vm_mm = mm;
		tmp->vm_next = NULL;
		if (tmp->anon_vma)
			anon_vma_link(tmp, tmp->anon_vma);
		if (tmp->vm_file) {
			spin_lock(&tmp->vm_file->f_mapping->i_mmap_lock);
			get_file(tmp->vm_file);
			list_add_tail(&tmp->shared, &tmp->vm_file->f_mapping->i_mmap);
			spin_unlock(&tmp->vm_file->f_mapping->i_mmap_lock);
		}
		*last = tmp;
		last = &tmp->vm_next;
		spin_lock(&oldmm->page_table_lock);
		for (addr = mpnt->vm_start; addr < mpnt->vm_end; addr += PAGE_SIZE)
			copy_one_pte(mm, oldmm, addr);
		spin_unlock(&oldmm->page_table_lock);
	}
	flush_tlb_range(oldmm, 0, PTRS_PER_PTE << PAGE_SHIFT);
	up_write(&oldmm->mmap_sem);
}
