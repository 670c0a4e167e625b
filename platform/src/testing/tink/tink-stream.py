"""Seals and opens streams with Tink itself, to compare with. Needs the package `tink`.

    tink-stream.py encrypt|decrypt KEY_HEX ASSOCIATED_DATA   standard input to standard output
    tink-stream.py vectors                                   prints platform/src/testing/tink/vectors.json
"""

import hashlib
import io
import json
import sys

from tink import proto_keyset_format, secret_key_access, streaming_aead
from tink.proto import aes_gcm_hkdf_streaming_pb2, common_pb2, tink_pb2

SEGMENT = 1 << 20
FIRST = SEGMENT - 40 - 16
FURTHER = SEGMENT - 16


def primitive(key):
    """A primitive of the template AES256_GCM_HKDF_1MB with the given key."""
    value = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingKey(
        version=0,
        key_value=key,
        params=aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingParams(
            ciphertext_segment_size=SEGMENT, derived_key_size=32, hkdf_hash_type=common_pb2.SHA256
        ),
    )
    data = tink_pb2.KeyData(
        type_url="type.googleapis.com/google.crypto.tink.AesGcmHkdfStreamingKey",
        value=value.SerializeToString(),
        key_material_type=tink_pb2.KeyData.SYMMETRIC,
    )
    entry = tink_pb2.Keyset.Key(
        key_data=data, status=tink_pb2.ENABLED, key_id=1, output_prefix_type=tink_pb2.RAW
    )
    keyset = tink_pb2.Keyset(primary_key_id=1, key=[entry])
    handle = proto_keyset_format.parse(keyset.SerializeToString(), secret_key_access.TOKEN)
    return handle.primitive(streaming_aead.StreamingAead)


class Kept(io.BytesIO):
    """Bytes that can be had after the stream over them was closed."""

    def close(self):
        self.bytes = self.getvalue()
        super().close()


def encrypt(key, associated_data, plaintext):
    kept = Kept()
    with primitive(key).new_encrypting_stream(kept, associated_data) as stream:
        stream.write(plaintext)
    return kept.bytes


def decrypt(key, associated_data, ciphertext):
    with primitive(key).new_decrypting_stream(io.BytesIO(ciphertext), associated_data) as stream:
        return stream.read()


def pattern(size):
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def vectors():
    key = bytes(range(32))
    for size in (0, 1, 1000, FIRST - 1, FIRST, FIRST + 1, FIRST + FURTHER, FIRST + FURTHER + 1, 3_000_000):
        associated_data = f"vector of {size} bytes"
        ciphertext = encrypt(key, associated_data.encode(), pattern(size))
        yield {
            "key": key.hex(),
            "associatedData": associated_data,
            "size": size,
            "header": ciphertext[:40].hex(),
            "length": len(ciphertext),
            "sha256": hashlib.sha256(ciphertext).hexdigest(),
        }


if __name__ == "__main__":
    streaming_aead.register()
    if sys.argv[1] == "vectors":
        print(json.dumps(list(vectors()), indent=2))
    else:
        transform = {"encrypt": encrypt, "decrypt": decrypt}[sys.argv[1]]
        key, data = bytes.fromhex(sys.argv[2]), sys.argv[3].encode()
        sys.stdout.buffer.write(transform(key, data, sys.stdin.buffer.read()))
