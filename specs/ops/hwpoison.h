// SPDX-License-Identifier: GPL-2.0-or-later
// MADV_HWPOISON.
//
// @source mm/memory-failure.c v6.1: hwpoison_user_mappings()
#pragma once
#include "scene.h"
#include "access.h"

// The page is taken away from whoever maps it. That it stays set aside is left out.
static inline long op_hwpoison(unsigned long addr_page)
{
	struct vm_area_struct *vma;
	struct page *page = NULL;

	mmap_read_lock(&mm);
	vma = find_vma(&mm, page_at(addr_page));
	if (vma && vma->vm_start <= page_at(addr_page))
		page = follow_page(vma, page_at(addr_page), FOLL_GET);
	if (page) {
		works_on_page();
		lock_page(page);
		zap_page_range(vma, page_at(addr_page), PAGE_SIZE);
		unlock_page(page);
		works_on_page();
		put_page(page);
	}
	mmap_read_unlock(&mm);
	return page ? 0 : -EFAULT;
}
