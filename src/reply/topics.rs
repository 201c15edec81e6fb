//! Jobs by topic, which is the first of their tags.

use std::collections::BTreeMap;

use super::Writer;
use crate::catalog::JobTemplate;

impl Writer<'_> {
    /// Jobs under what people call their topics, in the order of the tags; jobs without a tag come
    /// first, under nothing.
    pub fn by_topic<'j>(
        &self,
        jobs: impl IntoIterator<Item = &'j JobTemplate>,
    ) -> Vec<(String, Vec<&'j JobTemplate>)> {
        let mut topics: BTreeMap<&str, Vec<&JobTemplate>> = BTreeMap::new();
        for job in jobs {
            topics.entry(job.tags.first().map_or("", String::as_str)).or_default().push(job);
        }
        topics.into_iter().map(|(tag, jobs)| (self.tag(tag), jobs)).collect()
    }

    /// What a tag is called; the tag itself where it has no name.
    fn tag(&self, tag: &str) -> String {
        self.catalog.tag_name(tag).map_or_else(|| tag.to_owned(), |name| self.speech.of(name))
    }
}
