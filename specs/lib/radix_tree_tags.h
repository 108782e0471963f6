// SPDX-License-Identifier: GPL-2.0-or-later
// Tags: a bit that an item may have. A node's bit for a slot says that some item below has the tag; the root has a bit for
// the whole tree. Set and cleared under the writers' lock; radix_tree_tagged() may be asked without it.
// @source lib/radix-tree.c v2.6.20: radix_tree_tag_set(), radix_tree_tag_clear(), radix_tree_tag_get()
#pragma once

#define tag_set(node, tag, offset) __set_bit(offset, &(node)->tags[tag])
#define tag_clear(node, tag, offset) __clear_bit(offset, &(node)->tags[tag])
#define tag_get(node, tag, offset) test_bit(offset, &(node)->tags[tag])
#define any_tag_set(node, tag) (READ_ONCE((node)->tags[tag]) != 0)
#define root_tag_set(root, tag) WRITE_ONCE((root)->tags, (root)->tags | BIT(tag))
#define root_tag_clear(root, tag) WRITE_ONCE((root)->tags, (root)->tags & ~BIT(tag))
#define root_tag_get(root, tag) test_bit(tag, &(root)->tags)
#define root_tag_clear_all(root) WRITE_ONCE((root)->tags, 0UL)
#define radix_tree_tagged(root, tag) root_tag_get(root, tag)

// The way from the root to the slot of the index; the number of nodes on it, or -1 if the item is not there.
static inline int radix_tree_walk(struct radix_tree_root *root, unsigned long index, struct radix_tree_path *path)
{
	unsigned int height = root->height, shift;
	void *slot = root->rnode;
	int depth = 0;

	if (index > radix_tree_maxindex(height))
		return -1;
	slot = radix_tree_indirect_to_ptr(slot);
	for (; height > 0; height--) {
		if (!slot)
			return -1;
		shift = (height - 1) * RADIX_TREE_MAP_SHIFT;
		path[depth].node = slot;
		path[depth].offset = radix_tree_offset(index, shift);
		slot = path[depth].node->slots[path[depth].offset];
		depth++;
	}
	return slot ? depth : -1;
}

static inline void *radix_tree_tag_set(struct radix_tree_root *root, unsigned long index, unsigned int tag)
{
	struct radix_tree_path path[RADIX_TREE_MAX_PATH];
	int i, depth = radix_tree_walk(root, index, path);

	if (depth < 0)
		return NULL;
	for (i = 0; i < depth; i++)
		if (!tag_get(path[i].node, tag, path[i].offset))
			tag_set(path[i].node, tag, path[i].offset);
	if (!root_tag_get(root, tag))
		root_tag_set(root, tag);
	return radix_tree_lookup(root, index);
}

// Upwards, until a node has the tag for somebody else.
static inline void radix_tree_clear_path(struct radix_tree_root *root, struct radix_tree_path *path, int depth,
					 unsigned int tag)
{
	while (depth-- > 0) {
		if (!tag_get(path[depth].node, tag, path[depth].offset))
			return;
		tag_clear(path[depth].node, tag, path[depth].offset);
		if (any_tag_set(path[depth].node, tag))
			return;
	}
	if (root_tag_get(root, tag))
		root_tag_clear(root, tag);
}

static inline void *radix_tree_tag_clear(struct radix_tree_root *root, unsigned long index, unsigned int tag)
{
	struct radix_tree_path path[RADIX_TREE_MAX_PATH];
	int depth = radix_tree_walk(root, index, path);

	if (depth < 0)
		return NULL;
	radix_tree_clear_path(root, path, depth, tag);
	return radix_tree_lookup(root, index);
}

static inline int radix_tree_tag_get(struct radix_tree_root *root, unsigned long index, unsigned int tag)
{
	struct radix_tree_path path[RADIX_TREE_MAX_PATH];
	int depth;

	if (!root_tag_get(root, tag))
		return 0;
	depth = radix_tree_walk(root, index, path);
	if (depth < 0)
		return 0;
	return depth == 0 || tag_get(path[depth - 1].node, tag, path[depth - 1].offset);
}
