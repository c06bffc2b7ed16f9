"""A witness cosigns what continues the last checkpoint, and answers all else as C2SP says."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from apps.ledger import note
from apps.ledger.note import BadNote, Checkpoint
from apps.ledger.witness import submission
from apps.ledger.witness.cosignature import Witness, read_lines
from apps.ledger.witness.judge import Judge
from apps.ledger.witness.memory import Memory
from tests.ledger.witness.conftest import Key, Log


def status(judge: Judge, body: bytes) -> int:
    return judge.add_checkpoint(body).status


def test_a_first_checkpoint_is_cosigned_with_the_time(judge: Judge, log: Log) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    answer = judge.add_checkpoint(log.submission(0, 5))
    assert answer.status == 200
    text = note.parse(log.checkpoint(5)).text
    (signature,) = read_lines(text, answer.body, [judge.witness])
    at = judge.witness.time_of(text, signature)
    assert at is not None
    assert before <= at <= datetime.now(UTC)


def test_a_cosignature_is_of_its_text_and_its_witness_alone(judge: Judge, log: Log) -> None:
    lines = judge.add_checkpoint(log.submission(0, 5)).body
    stranger = Witness("witness.example/w1", Key().public)
    assert read_lines(note.parse(log.checkpoint(6)).text, lines, [judge.witness]) == []
    assert read_lines(note.parse(log.checkpoint(5)).text, lines, [stranger]) == []


def test_a_longer_log_is_cosigned_and_remembered(judge: Judge, log: Log) -> None:
    assert status(judge, log.submission(0, 5)) == 200
    assert status(judge, log.submission(5, 12)) == 200
    seen = judge.memory.seen(log.origin)
    assert seen is not None
    assert seen.size == 12


def test_the_same_checkpoint_may_be_cosigned_again(judge: Judge, log: Log) -> None:
    assert status(judge, log.submission(0, 5)) == 200
    assert status(judge, log.submission(5, 5)) == 200


def test_another_old_size_is_answered_with_the_size_it_knows(judge: Judge, log: Log) -> None:
    judge.add_checkpoint(log.submission(0, 5))
    answer = judge.add_checkpoint(log.submission(3, 8))
    assert (answer.status, answer.body, answer.kind) == (409, "5\n", "text/x.tlog.size")


def test_a_log_that_became_shorter_is_not_cosigned(judge: Judge, log: Log) -> None:
    judge.add_checkpoint(log.submission(0, 9))
    answer = judge.add_checkpoint(log.submission(0, 5))
    assert (answer.status, answer.body) == (409, "9\n")
    assert status(judge, submission.write(9, (), log.checkpoint(5))) == 400


def test_a_fork_is_not_cosigned(judge: Judge, log: Log) -> None:
    judge.add_checkpoint(log.submission(0, 5))
    fork = Log(key=log.key, word="other")
    assert status(judge, fork.submission(5, 8)) == 422
    assert status(judge, fork.submission(5, 5)) == 422
    assert status(judge, log.submission(5, 8)) == 200


def test_a_wrong_proof_is_unprocessable(judge: Judge, log: Log) -> None:
    judge.add_checkpoint(log.submission(0, 5))
    assert status(judge, submission.write(5, log.path(4, 8), log.checkpoint(8))) == 422
    assert status(judge, submission.write(5, (), log.checkpoint(8))) == 422


def test_a_proof_from_nothing_is_unprocessable(judge: Judge, log: Log) -> None:
    assert status(judge, submission.write(0, log.path(4, 8), log.checkpoint(8))) == 422


def test_an_empty_log_has_the_root_of_nothing(judge: Judge, log: Log) -> None:
    text = Checkpoint(log.origin, 0, b"\x01" * 32).text
    wrong = note.sign(text, name=log.origin, keys=[log.key])
    assert status(judge, submission.write(0, (), wrong)) == 422
    assert status(judge, log.submission(0, 0)) == 200


def test_an_unknown_log_is_not_found(judge: Judge) -> None:
    assert status(judge, Log(origin="log.example/two").submission(0, 5)) == 404


def test_an_unknown_key_is_forbidden(judge: Judge, log: Log) -> None:
    assert status(judge, Log(origin=log.origin).submission(0, 5)) == 403


def test_a_known_key_with_a_wrong_signature_is_forbidden(judge: Judge, log: Log) -> None:
    signed = note.parse(log.checkpoint(5)).signatures
    text = note.parse(Log(word="other").checkpoint(5)).text
    assert status(judge, submission.write(0, (), note.add(f"{text}\n", signed))) == 403


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"old 0\n",
        b"old 00\n\nlog\n0\n\n",
        b"old -1\n\nlog\n0\n\n",
        b"new 0\n\nlog\n0\n\n",
        b"old 0\nAAAA\n\n" + Log().checkpoint(1).encode(),
        b"old 0\n" + b"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n" * 64 + b"\n",
        b"old 0\n\nlog.example/one\nmany\n47DE=\n\n",
    ],
)
def test_what_is_no_submission_is_refused(judge: Judge, body: bytes) -> None:
    assert status(judge, body) == 400


def test_nothing_is_forgotten_over_a_restart(judge: Judge, log: Log, tmp_path: Path) -> None:
    judge.add_checkpoint(log.submission(0, 5))
    again = Memory(tmp_path / "witness.sqlite")
    restarted = Judge(judge.name, again, judge.logs, judge.clock)
    assert restarted.witness == judge.witness
    assert status(restarted, log.submission(0, 8)) == 409
    assert status(restarted, log.submission(5, 8)) == 200
    again.close()


def test_a_witness_is_known_by_its_written_key(judge: Judge) -> None:
    assert Witness.parse(str(judge.witness)) == judge.witness
    with pytest.raises(BadNote, match="hash"):
        Witness.parse(str(judge.witness).replace("w1+", "w2+"))


def test_the_published_example_verifies() -> None:
    """The cosignature of https://c2sp.org/tlog-cosignature carries its time in the first bytes."""
    line = (
        "\u2014 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZC"
        "B9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
    )
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    (signature,) = note.parse(f"{text}\n{line}").signatures
    assert signature.key_id.hex() == "8d66cf3f"
    assert int.from_bytes(signature.blob[:8], "big") == 1679315147
