from hypothesis import given
from hypothesis import strategies as st

from batchtui.simulator.chance import identifier, key_of, mix, rng_of, shuffle_of


@given(st.integers(0, 3000), st.integers(0, 1 << 64))
def test_a_shuffle_is_a_permutation(size: int, key: int) -> None:
    shuffle = shuffle_of(size, key)

    assert sorted(map(shuffle, range(size))) == list(range(size))


def test_a_shuffle_leaves_little_in_its_place() -> None:
    shuffle = shuffle_of(1000, 1)

    assert sum(shuffle(index) == index for index in range(1000)) < 10


def test_the_same_parts_give_the_same_everything() -> None:
    assert key_of("a", 1) == key_of("a", 1) != key_of("a", 2)
    assert rng_of("a").random() == rng_of("a").random() != rng_of("b").random()


def test_identifiers_look_like_those_of_the_api() -> None:
    names = {identifier("msgbatch_", number) for number in range(2000)}

    assert len(names) == 2000
    assert all(len(name) == len("msgbatch_01HkcTjaV5uDC8jWR4ZsDV8d") for name in names)
    assert all(name.removeprefix("msgbatch_01").isalnum() for name in names)


@given(st.integers(0, (1 << 64) - 1))
def test_mixing_stays_within_64_bits(number: int) -> None:
    assert 0 <= mix(number) < 1 << 64
