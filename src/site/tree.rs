//! The order of pages, and the folders that they stand in as a tree.

use std::collections::BTreeMap;

use super::Page;
use crate::locale::Locale;

/// Folders that are nested deeper are shown as one with the folder that they lie in.
const DEEPEST: usize = 6;

/// A page, or a folder with what is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// Index of the page; of a folder, of its own page, if it has one.
    pub page: Option<usize>,
    /// The path of a folder, such as `dragon/limits`.
    pub folder: Option<String>,
    /// The folder that it stands in; the whole site stands in itself.
    pub parent: usize,
    /// Its place among the children of that folder.
    pub place: usize,
    /// What is in the folder, in reading order.
    pub children: Vec<usize>,
}

/// All pages and folders. Node 0 is the whole site, whose own page is the home page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    nodes: Vec<Node>,
    /// The node of each page.
    of_page: Vec<usize>,
}

impl Tree {
    /// The node of the whole site.
    pub const ROOT: usize = 0;

    /// The tree of pages that are in reading order.
    pub(super) fn new(pages: &[Page]) -> Self {
        let mut tree = Self { nodes: vec![Node::default()], of_page: Vec::with_capacity(pages.len()) };
        let mut folders = BTreeMap::from([(String::new(), Self::ROOT)]);
        for (index, page) in pages.iter().enumerate() {
            let folder = tree.folder(page.folder(), &mut folders);
            // The page of a folder that is nested too deep is one of its pages.
            let own = page.is_index() && tree.nodes[folder].folder.as_deref().unwrap_or("") == page.folder();
            let node = if own { folder } else { tree.add(folder, None) };
            tree.nodes[node].page = Some(index);
            tree.of_page.push(node);
        }
        tree
    }

    /// The node of a folder, made if it is new.
    fn folder(&mut self, path: &str, known: &mut BTreeMap<String, usize>) -> usize {
        if let Some(node) = known.get(path) {
            return *node;
        }
        let parent = self.folder(path.rsplit_once('/').map_or("", |(parent, _)| parent), known);
        let node = match self.path(parent).len() < DEEPEST {
            true => self.add(parent, Some(path.to_owned())),
            false => parent,
        };
        known.insert(path.to_owned(), node);
        node
    }

    fn add(&mut self, parent: usize, folder: Option<String>) -> usize {
        let (node, place) = (self.nodes.len(), self.nodes[parent].children.len());
        self.nodes.push(Node { folder, parent, place, ..Node::default() });
        self.nodes[parent].children.push(node);
        node
    }

    /// A page or folder.
    pub fn node(&self, node: usize) -> &Node {
        &self.nodes[node]
    }

    /// The number of pages and folders below the whole site.
    pub fn len(&self) -> usize {
        self.nodes.len() - 1
    }

    /// Whether there is nothing below the whole site.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where a page stands.
    pub fn of_page(&self, page: usize) -> usize {
        self.of_page[page]
    }

    /// From a part of the whole site to the node itself; nothing for the whole site.
    pub fn path(&self, node: usize) -> Vec<usize> {
        let mut path: Vec<usize> = std::iter::successors(Some(node), |node| Some(self.nodes[*node].parent))
            .take_while(|node| *node != Self::ROOT)
            .collect();
        path.reverse();
        path
    }

    /// The page to which a node leads: its own, or else the first that is in it.
    pub fn leads_to(&self, node: usize) -> Option<usize> {
        let Node { page, children, .. } = &self.nodes[node];
        page.or_else(|| children.first().and_then(|child| self.leads_to(*child)))
    }
}

/// A step on the way from the whole site to a page: the page of a folder comes before what is in it, which is ordered by the number that a
/// page or the page of a folder gives itself, and then by name.
type Step = (bool, i64, String);

/// Puts pages in reading order.
pub(super) fn sort(pages: &mut [Page], languages: &[Locale]) {
    let orders: BTreeMap<String, i64> = pages
        .iter()
        .filter(|page| page.is_index())
        .map(|page| (page.folder().to_owned(), page.order(languages).0))
        .collect();
    let order = |folder: &str| orders.get(folder).copied().unwrap_or(i64::MAX);
    pages.sort_by_cached_key(|page| -> Vec<Step> {
        let ends = page.id.match_indices('/').map(|(at, _)| &page.id[..at]);
        let mut steps: Vec<Step> = ends.map(|folder| (true, order(folder), folder.to_owned())).collect();
        steps.push((!page.is_index(), page.order(languages).0, page.id.clone()));
        steps
    });
}
