"""Reads an office over gRPC and mutual TLS with public libraries alone.

The contract is learnt from the office through reflection; hashes are computed with hashlib. Called as
`read.py PLAN`, where PLAN is a JSON file with the address and TLS name of the office, folders of certificates,
and the case to read. Ends with status 0 when everything was as it should be.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

PATIENCE = 30  # seconds
READ = "terrace.v1.ReadService"


def channel(plan, certificates=None, root=None):
    """A channel to the office, showing the certificates in a folder; `root` is the folder to believe."""
    shown = {}
    if certificates:
        folder = Path(certificates)
        shown["private_key"] = (folder / "reader.key").read_bytes()
        shown["certificate_chain"] = (folder / "reader.pem").read_bytes()
    credentials = grpc.ssl_channel_credentials(
        root_certificates=(Path(root or plan["reader"]) / "root.pem").read_bytes(), **shown
    )
    # Offices are dialled by address, and their certificates name their place in the tree.
    options = [("grpc.ssl_target_name_override", plan["server_name"])]
    return grpc.secure_channel(plan["address"], credentials, options)


class Service:
    """A service of the office, as its own reflection describes it."""

    def __init__(self, pool, name, over):
        self.over = over
        self.methods = pool.FindServiceByName(name).methods_by_name
        self.name = name

    def __getattr__(self, method):
        described = self.methods[method]
        kind = ("stream" if described.client_streaming else "unary") + "_"
        kind += "stream" if described.server_streaming else "unary"
        asked = GetMessageClass(described.input_type)
        answered = GetMessageClass(described.output_type)
        call = getattr(self.over, kind)(
            f"/{self.name}/{method}",
            request_serializer=asked.SerializeToString,
            response_deserializer=answered.FromString,
        )

        def ask(**fields):
            request = asked(**fields)
            if described.client_streaming:
                request = iter([request])
            return call(request, timeout=PATIENCE)

        return ask


def refused(code, call, *words):
    """Makes a call that must be refused, with this code and these words."""
    try:
        answer = call()
        if hasattr(answer, "__next__"):
            list(answer)
    except grpc.RpcError as error:
        assert error.code() == code, f"{error.code()} instead of {code}: {error.details()}"
        for word in words:
            assert word in error.details(), error.details()
        return
    raise AssertionError(f"was answered instead of refused with {code}")


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def root_by_path(leaf, index, size, path):
    """The root to which an inclusion path leads (RFC 9162, 2.1.3.2)."""
    node, last, root = index, size - 1, leaf
    for sibling in path:
        assert last != 0, "the path is too long"
        if node & 1 or node == last:
            root = sha256(b"\x01", sibling, root)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            root = sha256(b"\x01", root, sibling)
        node, last = node >> 1, last >> 1
    assert last == 0, "the path is too short"
    return root


def root_of(leaves):
    """The root over all leaves (RFC 6962, 2.1)."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\x01", root_of(leaves[:half]), root_of(leaves[half:]))


def read_note(note):
    """Size and root hash of a checkpoint."""
    text = note.decode().split("\n\n")[0].split("\n")
    return int(text[1]), base64.b64decode(text[2])


def read_office(plan, read):
    office = read.ReadOffice()
    assert office.division == plan["division"], office
    assert office.name == plan["name"], office.name
    assert office.cases == plan["cases"], office.cases
    size, root = read_note(office.journal.checkpoint)
    assert size == office.journal.size
    assert office.journal.author == plan["division"]
    assert office.cosigned.size > 0 and "terrace/" in office.cosigned.line
    assert office.certificate_days_left > 700
    return office, size, root


def read_cases(plan, read):
    seen, token, pages = [], "", 0
    while True:
        page = read.ReadCases(page_token=token, page_size=1)
        seen += page.cases
        token, pages = page.next_page_token, pages + 1
        if not token:
            break
    assert len(seen) == plan["cases"] and pages >= plan["cases"], (len(seen), pages)
    assert len({bytes(row.case_id) for row in seen}) == len(seen)
    held = read.ReadCases(holder=plan["division"]).cases
    assert [row.number for row in held] == [plan["number"]], held
    # Another division holds the rest; a state nobody is in leaves nothing.
    assert len(read.ReadCases(states=[2]).cases) == plan["cases"] - 1
    assert not read.ReadCases(states=[7]).cases
    refused(
        grpc.StatusCode.INVALID_ARGUMENT, lambda: read.ReadCases(page_token="x"), "page token"
    )


def read_case(plan, read):
    case = read.ReadCase(number=plan["number"])
    assert case.row.holder.division == plan["division"], case.row
    again = read.ReadCase(case_id=case.row.case_id)
    assert again == case
    intakes = [entry for entry in case.timeline if entry.words.HasField("intake_registered")]
    assert [entry.words.intake_registered.title for entry in intakes] == [plan["title"]]
    assert not intakes[0].words.salt and intakes[0].body_here
    told = [entry.kind_zh for entry in case.timeline]
    assert told == ["登记", "立件", "转送", "签收", "受理"], told
    (thread,) = case.threads
    assert [entry.leaf for entry in case.timeline[1:]] == list(thread.steps)
    assert thread.stage == 1 and thread.state == case.row.state == 4, thread
    refused(grpc.StatusCode.NOT_FOUND, lambda: read.ReadCase(case_id=bytes(16)))
    refused(grpc.StatusCode.INVALID_ARGUMENT, lambda: read.ReadCase(number="41-0"))
    return case


def read_journal(pool, read, size, root, epoch, author):
    header_of = GetMessageClass(pool.FindMessageTypeByName("terrace.v1.Header"))
    start = {"author": author, "epoch": epoch}
    entries = list(ask_entries(read, start))
    assert [entry.sequence for entry in entries[:size]] == list(range(size))
    leaves = []
    for entry in entries[:size]:
        header = header_of.FromString(entry.header)
        assert (header.author, header.sequence) == (author, entry.sequence)
        assert sha256(entry.body) == header.body_hash
        leaves.append(sha256(b"\x00", entry.header))
    assert root_of(leaves) == root, "the entries do not lead to the signed root"
    two = ask_entries(read, start | {"sequence": 1}, limit=2)
    assert [entry.sequence for entry in two] == [1, 2]
    assert not list(ask_entries(read, start | {"sequence": 10**9}))


def read_journals(read):
    journals = [answer.journal for answer in read.ReadJournals()]
    whole = [journal for journal in journals if journal.whole and journal.size]
    others = [journal for journal in journals if not journal.whole]
    # Its own, and those above of which it holds the admissions that lead down to it.
    assert len(whole) == 1 and others, journals
    proved = 0
    for journal in others:
        start = {"author": journal.author, "epoch": journal.epoch}
        for entry in ask_entries(read, start):
            place = start | {"sequence": entry.sequence}
            proved += follow(read.ProveEntry(entry=place)) == sha256(b"\x00", entry.header)
    assert proved >= 3, proved


def follow(proof):
    """The leaf of a proof, once its path was seen to lead to the root in the checkpoint."""
    leaf = sha256(b"\x00", proof.header)
    size, root = read_note(proof.checkpoint)
    assert leaf == proof.leaf and size == proof.tree_size
    assert root_by_path(leaf, proof.entry.sequence, size, proof.path) == root
    return leaf


def ask_entries(read, start, **fields):
    return read.ReadEntries(**{"from": start}, **fields)


def prove_entries(read, case):
    for entry in case.timeline:
        proof = read.ProveEntry(entry=entry.entry)
        assert follow(proof) == entry.leaf
        size, root = read_note(proof.checkpoint)
        # A changed header leads elsewhere.
        forged = sha256(b"\x00", proof.header + b"\x00")
        assert root_by_path(forged, proof.entry.sequence, size, proof.path) != root
    beyond = {"author": proof.entry.author, "epoch": proof.entry.epoch, "sequence": 10**9}
    refused(grpc.StatusCode.NOT_FOUND, lambda: read.ProveEntry(entry=beyond))


def read_neighbours(plan, read):
    (superior,) = read.ReadNeighbours().neighbours
    assert superior.division == plan["superior"] and superior.side == 1, superior
    assert superior.connected and not superior.last_word
    assert superior.sent.number >= superior.sent.proved_number > 0


def be_refused(plan, pool):
    def at(certificates, root=None):
        return Service(pool, READ, channel(plan, certificates, root))

    calls = ["ReadOffice", "ReadCases", "ReadCase", "ReadJournals", "ReadEntries", "ProveEntry"]
    calls.append("ReadNeighbours")
    nobody, office, other = at(None), at(plan["office"]), at(plan["other_office"])
    for call in calls:
        refused(grpc.StatusCode.UNAUTHENTICATED, getattr(nobody, call), "reader certificate")
        refused(grpc.StatusCode.PERMISSION_DENIED, getattr(office, call), "reader certificate")
        refused(grpc.StatusCode.PERMISSION_DENIED, getattr(other, call), "is for reading 4102,")
    limited = at(plan["limited"])
    assert limited.ReadOffice().division == plan["division"]
    for call in calls[1:]:
        refused(grpc.StatusCode.PERMISSION_DENIED, getattr(limited, call), "covers office, and not")
    # Of another root: it does not even get through the handshake, though it believes the office.
    foreign = at(plan["foreign"], root=plan["reader"])
    refused(grpc.StatusCode.UNAVAILABLE, foreign.ReadOffice)
    # And the office of another root is not believed.
    refused(grpc.StatusCode.UNAVAILABLE, at(plan["foreign"], root=plan["foreign"]).ReadOffice)
    # A reader is no office.
    link = Service(pool, "terrace.v1.LinkService", channel(plan, plan["reader"]))
    refused(grpc.StatusCode.PERMISSION_DENIED, link.Converse, "not an office's")


def main():
    plan = json.loads(Path(sys.argv[1]).read_text())
    # Reflection and health answer whoever gets through TLS.
    anyone = channel(plan)
    pool = DescriptorPool(ProtoReflectionDescriptorDatabase(anyone))
    health = Service(pool, "grpc.health.v1.Health", anyone)
    assert health.Check(service=READ).status == 1
    assert health.Check().status == 1

    read = Service(pool, READ, channel(plan, plan["reader"]))
    office, size, root = read_office(plan, read)
    read_cases(plan, read)
    case = read_case(plan, read)
    read_journal(pool, read, size, root, office.journal.epoch, office.journal.author)
    prove_entries(read, case)
    read_journals(read)
    read_neighbours(plan, read)
    be_refused(plan, pool)

    # Whoever started this program now revokes the certificate, and says when.
    print("read", flush=True)
    sys.stdin.readline()
    refused(grpc.StatusCode.PERMISSION_DENIED, read.ReadOffice, "revoked")
    print("refused", flush=True)


if __name__ == "__main__":
    main()
