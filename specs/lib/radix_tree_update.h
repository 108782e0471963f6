// SPDX-License-Identifier: GPL-2.0-or-later
// What changes the shape of the radix tree: insertion with growth, deletion with shrinking. Stores that readers may see are
// rcu_assign_pointer() where something new becomes visible, WRITE_ONCE() where it is NULL or has been visible before.
// @source lib/radix-tree.c v2.6.20, v2.6.37: radix_tree_extend(), radix_tree_insert(), radix_tree_shrink(),
//   radix_tree_delete()
#pragma once

static inline struct radix_tree_node *radix_tree_node_alloc(void)
{
	return kzalloc(sizeof(struct radix_tree_node), GFP_NOWAIT);
}

static inline void radix_tree_node_rcu_free(struct rcu_head *head)
{
	kfree(container_of(head, struct radix_tree_node, rcu_head)); /* zeroed first, in the kernel: its slab wants that */
}

static inline void radix_tree_node_free(struct radix_tree_node *node)
{
	call_rcu(&node->rcu_head, radix_tree_node_rcu_free);
}

static inline void radix_tree_extend(struct radix_tree_root *root, unsigned long index)
{
	unsigned int height = root->height + 1;
	struct radix_tree_node *node;

	while (index > radix_tree_maxindex(height))
		height++;
	BUG_ON(height > RADIX_TREE_MAX_PATH);
	if (!root->rnode) {
		root->height = height;
		return;
	}
	do {
		node = radix_tree_node_alloc();
		node->height = root->height + 1;
		node->count = 1;
		node->slots[0] = radix_tree_indirect_to_ptr(root->rnode); /* what was the top is now the first subtree */
#ifndef NO_TAG_ON_EXTEND
		if (root_tag_get(root, 0))
			tag_set(node, 0, 0);
#endif
#ifdef NO_PUBLISH
		WRITE_ONCE(root->rnode, radix_tree_ptr_to_indirect(node));
#else
		rcu_assign_pointer(root->rnode, radix_tree_ptr_to_indirect(node));
#endif
		root->height++;
	} while (height > root->height);
}

static inline int radix_tree_insert(struct radix_tree_root *root, unsigned long index, void *item)
{
	struct radix_tree_node *node = NULL;
	unsigned int height, offset = 0;
	void *slot;

	BUG_ON(radix_tree_is_indirect_ptr(item));
	if (index > radix_tree_maxindex(root->height))
		radix_tree_extend(root, index);
	slot = radix_tree_indirect_to_ptr(root->rnode);
	for (height = root->height; height > 0; height--) {
		if (!slot) {
			struct radix_tree_node *fresh = radix_tree_node_alloc();

			fresh->height = height;
			if (node) {
				rcu_assign_pointer(node->slots[offset], fresh);
				node->count++;
			} else {
				rcu_assign_pointer(root->rnode, radix_tree_ptr_to_indirect(fresh));
			}
			slot = fresh;
		}
		node = slot;
		offset = radix_tree_offset(index, (height - 1) * RADIX_TREE_MAP_SHIFT);
		slot = node->slots[offset];
	}
	if (slot)
		return -EEXIST;
	if (node) {
		node->count++;
		rcu_assign_pointer(node->slots[offset], item);
	} else {
		rcu_assign_pointer(root->rnode, item);
	}
	return 0;
}

// Only the first subtree is left: it becomes the top.
static inline void radix_tree_shrink(struct radix_tree_root *root)
{
	while (root->height > 0) {
		struct radix_tree_node *to_free = radix_tree_indirect_to_ptr(root->rnode);
		void *newptr;

		if (to_free->count != 1 || !to_free->slots[0])
			break;
		newptr = to_free->slots[0];
		if (root->height > 1)
			newptr = radix_tree_ptr_to_indirect(newptr);
		WRITE_ONCE(root->rnode, newptr);
		root->height--;
#ifdef PC_01
		WRITE_ONCE(to_free->slots[0], NULL); /* although readers may still come through this node */
#elif !defined(PC_02)
		if (root->height == 0) /* whoever still has this slot must not take it for the root's */
			WRITE_ONCE(to_free->slots[0], radix_tree_ptr_to_indirect(newptr));
#endif
		radix_tree_node_free(to_free);
	}
}

static inline void *radix_tree_delete(struct radix_tree_root *root, unsigned long index)
{
	struct radix_tree_path path[RADIX_TREE_MAX_PATH];
	struct radix_tree_node *to_free = NULL;
	int depth = radix_tree_walk(root, index, path);
	void *item;

	if (depth < 0)
		return NULL;
	item = radix_tree_lookup(root, index);
	radix_tree_clear_path(root, path, depth, 0);
	while (depth-- > 0) {
		struct radix_tree_node *node = path[depth].node;

		WRITE_ONCE(node->slots[path[depth].offset], NULL);
		node->count--;
		if (to_free) /* nobody finds it any more */
			radix_tree_node_free(to_free);
		if (node->count) {
			if (node == radix_tree_indirect_to_ptr(root->rnode))
				radix_tree_shrink(root);
			return item;
		}
		to_free = node;
	}
	root_tag_clear_all(root);
	root->height = 0;
	WRITE_ONCE(root->rnode, NULL);
	if (to_free)
		radix_tree_node_free(to_free);
	return item;
}
