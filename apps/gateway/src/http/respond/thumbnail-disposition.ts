/** The `Content-Disposition` of a thumbnail: always inline, named by its type: `image/jpeg` → `thumbnail.jpg`. */
export function thumbnailDisposition(contentType: string): string {
  return `inline; filename=thumbnail.${contentType.replace('image/', '').replace('jpeg', 'jpg')}`;
}
