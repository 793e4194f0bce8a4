//! Records of the store: bytes that no store wrote are no record.

#![no_main]

use libfuzzer_sys::fuzz_target;
use octavo_plugin::Digest;
use octavo_store::store::ActionRecord;

fuzz_target!(|bytes: &[u8]| {
    let key = Digest::of(b"key");
    if let Some(record) = ActionRecord::decode(&key, bytes) {
        let again = ActionRecord::decode(&key, &record.encode(&key));
        assert_eq!(again.as_ref(), Some(&record));
    }
});
