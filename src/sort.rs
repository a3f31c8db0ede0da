//! Sorting. The sort of the standard library is written out for each type and key that it sorts, and takes 3 KB of the
//! program each time: here it sorts numbers alone.

/// Sorts by a key; what has the same one stays in its order.
pub(crate) fn by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    let order = ordered(items.len(), &|one, other| items.get(one).map(&key).cmp(&items.get(other).map(&key)));
    arrange(items, &order);
}

/// Sorts by the items themselves.
pub(crate) fn all<T: Ord>(items: &mut [T]) {
    let order = ordered(items.len(), &|one, other| items.get(one).cmp(&items.get(other)));
    arrange(items, &order);
}

/// Puts the items where the order says: each place's item by its place until now.
fn arrange<T>(items: &mut [T], order: &[usize]) {
    for place in 0..items.len() {
        let from = |place: usize| order.get(place).copied().unwrap_or(place);
        let mut found = from(place);
        // What stood there has been swapped to where that came from.
        while found < place {
            found = from(found);
        }
        items.swap(place, found);
    }
}

/// The places of the items in the order of the comparison.
fn ordered(count: usize, compare: &dyn Fn(usize, usize) -> std::cmp::Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|one, other| compare(*one, *other));
    order
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_sorts_as_the_standard_library_does(keys in prop::collection::vec(0_u8..20, 0..80)) {
            let mut items: Vec<(u8, usize)> = keys.into_iter().zip(0..).collect();
            let mut expected = items.clone();
            expected.sort_by_key(|(key, _)| *key);
            super::by_key(&mut items, |(key, _)| *key);
            prop_assert_eq!(&items, &expected);
            items.reverse();
            super::all(&mut items);
            expected.sort_unstable();
            prop_assert_eq!(items, expected);
        }
    }
}
