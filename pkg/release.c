// SPDX-License-Identifier: Apache-2.0
// One version of a package as an OCI image: manifest and config.
#include "pkg/release.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool add_descriptor(cJSON *item, const struct descriptor *d)
{
	return item && cJSON_AddStringToObject(item, "mediaType", d->type) &&
	       cJSON_AddStringToObject(item, "digest", d->digest) &&
	       cJSON_AddNumberToObject(item, "size", (double)d->size);
}

static bool add_fields(cJSON *to, const struct package *p)
{
	if (!to)
		return false;
	for (unsigned int i = 0; i < PACKAGE_FIELDS; i++)
		if (package_rows[i].key && p->value[i] &&
		    !cJSON_AddStringToObject(to, package_rows[i].key,
					     p->value[i]))
			return false;
	return true;
}

/* What podman and Kubernetes run is called linux; of kernels OCI knows none. */
static bool fill_config(cJSON *root, const struct package *p,
			const struct descriptor *layer)
{
	cJSON *config, *rootfs, *list, *sum;

	if (!cJSON_AddStringToObject(root, "architecture", "amd64") ||
	    !cJSON_AddStringToObject(root, "os", "linux"))
		return false;
	config = cJSON_AddObjectToObject(root, "config");
	if (!add_fields(cJSON_AddObjectToObject(config, "Labels"), p))
		return false;
	rootfs = cJSON_AddObjectToObject(root, "rootfs");
	if (!cJSON_AddStringToObject(rootfs, "type", "layers"))
		return false;
	list = cJSON_AddArrayToObject(rootfs, "diff_ids");
	sum = cJSON_CreateString(layer->digest);
	if (list && sum && cJSON_AddItemToArray(list, sum))
		return true;
	cJSON_Delete(sum);
	return false;
}

static bool fill_manifest(cJSON *root, const struct package *p,
			  const struct descriptor *config,
			  const struct descriptor *layer)
{
	cJSON *list, *item;

	if (!cJSON_AddNumberToObject(root, "schemaVersion", 2) ||
	    !cJSON_AddStringToObject(root, "mediaType", LAYOUT_TYPE_MANIFEST) ||
	    !cJSON_AddStringToObject(root, "artifactType", RELEASE_TYPE) ||
	    !add_descriptor(cJSON_AddObjectToObject(root, "config"), config))
		return false;
	list = cJSON_AddArrayToObject(root, "layers");
	item = cJSON_CreateObject();
	if (!list || !add_descriptor(item, layer) ||
	    !cJSON_AddItemToArray(list, item)) {
		cJSON_Delete(item);
		return false;
	}
	return add_fields(cJSON_AddObjectToObject(root, "annotations"), p);
}

/* Prints @root when it @is_filled, and makes a blob of it. */
static int add_json(struct layout *l, const cJSON *root, bool is_filled,
		    struct descriptor *ret, struct err *e)
{
	char *text = is_filled ? cJSON_PrintUnformatted(root) : NULL;
	int rc;

	if (!text)
		return err_set(e, -ENOMEM, "no memory");
	rc = layout_add(l, text, strlen(text), ret, e);
	cJSON_free(text);
	return rc;
}

int release_add(struct layout *l, const struct package *p,
		const struct descriptor *layer, struct descriptor *ret,
		struct err *e)
{
	struct descriptor config = { .type = RELEASE_TYPE_CONFIG };
	cJSON *root = cJSON_CreateObject();
	int rc;

	rc = add_json(l, root, root && fill_config(root, p, layer), &config, e);
	cJSON_Delete(root);
	if (rc)
		return rc;
	*ret = (struct descriptor){ .type = LAYOUT_TYPE_MANIFEST };
	root = cJSON_CreateObject();
	rc = add_json(l, root, root && fill_manifest(root, p, &config, layer),
		      ret, e);
	cJSON_Delete(root);
	return rc;
}

static int take_fields(struct package *p, const struct doc *d,
		       const cJSON *from, struct err *e)
{
	const char *value;
	int rc = 0;

	for (unsigned int i = 0; i < PACKAGE_FIELDS && rc == 0; i++) {
		if (!package_rows[i].key)
			continue;
		rc = doc_string(d, from, package_rows[i].key, &value, e);
		if (rc == 0 && value && package_set(p, i, value, e))
			rc = err_wrap(e, "%s", package_rows[i].key);
	}
	return rc;
}

static int take_layers(struct release *release, const struct doc *d,
		       struct err *e)
{
	const cJSON *list, *item;
	int rc = doc_object(d, d->root, "layers", true, &list, e);

	if (rc == 0 && !list)
		rc = doc_error(d, d->root, e, "\"layers\" is missing");
	if (rc)
		return rc;
	cJSON_ArrayForEach(item, list)
	{
		struct descriptor *to = &release->layer[release->layers];

		if (release->layers == RELEASE_LAYERS_MAX)
			return doc_error(d, item, e, "more than %d layers",
					 RELEASE_LAYERS_MAX);
		rc = layout_descriptor(d, item, to, e);
		if (rc)
			return rc;
		if (strcmp(to->type, RELEASE_TYPE_TAR) != 0 &&
		    strcmp(to->type, RELEASE_TYPE_GZIP) != 0)
			return doc_error(d, item, e,
					 "a layer is to be a tar file, maybe "
					 "by gzip");
		release->layers++;
	}
	return 0;
}

static int take_manifest(struct release *release, const struct doc *d,
			 struct descriptor *ret_config, struct err *e)
{
	const cJSON *notes = NULL;
	uint64_t schema;
	int rc = doc_integer(d, d->root, "schemaVersion", 2, &schema, e);

	if (rc == 0)
		rc = layout_descriptor(
			d, cJSON_GetObjectItemCaseSensitive(d->root, "config"),
			ret_config, e);
	if (rc == 0 && strcmp(ret_config->type, RELEASE_TYPE_CONFIG) != 0)
		rc = doc_error(d, d->root, e, "its config is not of an image");
	if (rc == 0)
		rc = take_layers(release, d, e);
	if (rc == 0)
		rc = doc_object(d, d->root, "annotations", false, &notes, e);
	if (rc == 0 && notes)
		rc = take_fields(&release->package, d, notes, e);
	return rc;
}

int release_parse(struct release *release, char *text, size_t size,
		  struct descriptor *ret_config, struct err *e)
{
	struct doc d;
	int rc;

	*release = (struct release){ .text = NULL };
	rc = doc_parse(&d, "manifest", text, size, e);
	if (rc)
		return rc;
	rc = take_manifest(release, &d, ret_config, e);
	doc_free(&d);
	if (rc)
		release_free(release);
	else
		release->text = text;
	return rc;
}

static int take_labels(struct package *p, const struct layout *l,
		       const struct descriptor *config, struct err *e)
{
	const cJSON *at, *labels = NULL;
	struct doc d;
	char *text;
	int rc = layout_read(l, config, &text, e);

	if (rc)
		return rc;
	rc = doc_parse(&d, "config", text, config->size, e);
	if (rc == 0) {
		rc = doc_object(&d, d.root, "config", false, &at, e);
		if (rc == 0 && at)
			rc = doc_object(&d, at, "Labels", false, &labels, e);
		if (rc == 0 && labels)
			rc = take_fields(p, &d, labels, e);
		doc_free(&d);
	}
	free(text);
	return rc;
}

/* A registry may say that one thing is another. */
static int check_ref(const struct package *p, const struct ref *ref,
		     struct err *e)
{
	struct ref is = { .name = "" };
	int rc = package_check(p, e);

	if (rc)
		return rc;
	package_ref(p, &is);
	if (!strcmp(is.name, ref->name) && !strcmp(is.version, ref->version))
		return 0;
	return err_set(e, -EINVAL, "it says that it is %s@%s", is.name,
		       is.version);
}

int release_read(struct release *release, const struct layout *l,
		 const struct descriptor *d, const struct ref *ref,
		 struct err *e)
{
	struct descriptor config;
	char *text;
	int rc;

	*release = (struct release){ .text = NULL };
	if (strcmp(d->type, LAYOUT_TYPE_MANIFEST) != 0)
		return err_set(e, -EINVAL, "%s: not the manifest of an image",
			       d->type);
	rc = layout_read(l, d, &text, e);
	if (rc)
		return rc;
	rc = release_parse(release, text, d->size, &config, e);
	if (rc) {
		free(text);
		return rc;
	}
	release->manifest = *d;
	if (!release->package.value[PACKAGE_KERNEL])
		rc = take_labels(&release->package, l, &config, e);
	if (rc == 0)
		rc = check_ref(&release->package, ref, e);
	if (rc)
		release_free(release);
	return rc;
}

void release_free(struct release *release)
{
	package_free(&release->package);
	free(release->text);
	*release = (struct release){ .text = NULL };
}
