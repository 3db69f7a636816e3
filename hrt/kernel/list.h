/* SPDX-License-Identifier: Apache-2.0 */
/* A ring of links inside other structures, as in Linux. */
#ifndef MINNOW_LIST_H
#define MINNOW_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct list - a head, or a link of one member
 * @next: first member, or the next one
 * @prev: last member, or the one before
 */
struct list {
	struct list *next;
	struct list *prev;
};

/* The structure around a link. */
#define LIST_ENTRY(link, type, member) \
	((type *)(void *)((char *)(link)-offsetof(type, member)))

/* With a struct list *link; not for a body that removes it: see list_first(). */
#define LIST_EACH(link, head) \
	for ((link) = (head)->next; (link) != (head); (link) = (link)->next)

/**
 * list_init() - an empty list
 * @head: written
 */
static inline void list_init(struct list *head)
{
	head->next = head->prev = head;
}

/**
 * list_is_empty() - has it no member
 * @head: a list
 *
 * Return: true when there is none.
 */
static inline bool list_is_empty(const struct list *head)
{
	return head->next == head;
}

/**
 * list_first() - the member that was added first
 * @head: a list
 *
 * Return: its link, NULL when the list is empty.
 */
static inline struct list *list_first(const struct list *head)
{
	return list_is_empty(head) ? NULL : head->next;
}

/**
 * list_add() - put a member before another one
 * @before: that one, or the head: then it becomes the last
 * @link: of the new member, in no list
 */
static inline void list_add(struct list *before, struct list *link)
{
	link->next = before;
	link->prev = before->prev;
	before->prev->next = link;
	before->prev = link;
}

/**
 * list_remove() - take a member out of its list
 * @link: of the member
 */
static inline void list_remove(struct list *link)
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
}

#endif
