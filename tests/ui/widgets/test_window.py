from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st

from batchtui.ui.widgets.window import Window


def window(rows: int, *, height: int = 5, cursor: int = 0) -> Window[int]:
    made: Window[int] = Window()
    made.replace(list(range(rows)))
    made.fit(height)
    made.move(cursor)
    return made


def test_starts_on_the_first_row() -> None:
    made = window(3)
    assert (made.cursor, made.key, made.top) == (0, 0, 0)


def test_no_rows_no_cursor() -> None:
    made = window(0)
    assert made.cursor == -1
    made.move(3)
    assert made.cursor == -1
    made.replace([7])
    assert made.key == 7


def test_cursor_stays_on_its_row_through_sorting() -> None:
    made = window(100, cursor=42)
    made.replace(list(reversed(range(100))))
    assert made.key == 42
    assert made.cursor in made.visible


def test_row_keeps_its_place_on_the_screen_when_rows_come_above() -> None:
    made = window(100, cursor=42)
    place = made.cursor - made.top
    made.replace([1000, 1001, *range(100)])
    assert made.key == 42
    assert made.cursor - made.top == place


def test_a_view_at_the_top_stays_there() -> None:
    made = window(100, cursor=1)
    made.replace([1000, *range(100)])
    assert (made.top, made.key) == (0, 1)


def test_cursor_goes_to_the_nearest_row_left() -> None:
    made = window(10, cursor=5)
    made.replace([0, 1, 2, 7, 8])
    assert made.key == 7
    made.replace([0, 1, 2])
    assert made.key == 2


def test_a_scrolled_view_stays_where_it_is() -> None:
    made = window(100, cursor=0)
    made.scroll(50)
    made.replace([1000, *range(100)])
    assert made.keys[made.top] == 50
    assert made.key == 0


def test_range_as_keys() -> None:
    made: Window[int] = Window()
    made.fit(10)
    made.replace(range(100_000))
    made.move(99_999)
    assert made.top == 99_990
    made.replace(range(200_000))
    assert made.key == 99_999
    made.replace(range(10))
    assert made.key == 9


def test_near_the_end() -> None:
    assert not window(20, height=5).near_end
    assert window(20, height=5, cursor=15).near_end
    made = window(20, height=5)
    made.scroll(15)
    assert made.near_end


def test_thumb() -> None:
    assert len(window(5, height=5).thumb()) == 0
    made = window(50, height=10)
    assert made.thumb() == range(2)
    made.move(49)
    assert made.thumb() == range(8, 10)


@given(
    st.lists(st.integers(0, 60), unique=True),
    st.lists(st.lists(st.integers(0, 60), unique=True), max_size=4),
    st.integers(0, 12),
    st.integers(-5, 70),
    st.integers(-5, 70),
)
def test_is_always_in_order(
    first: list[int], others: list[list[int]], height: int, index: int, top: int
) -> None:
    made: Window[int] = Window()
    made.fit(height)
    made.replace(first)
    made.move(index)
    made.scroll(top)
    for keys in others:
        before = made.key
        made.replace(keys)
        assert (made.key is None) == (not keys)
        if before in keys:
            assert made.key == before
        assert 0 <= made.top <= max(len(keys) - height, 0)
        thumb = made.thumb()
        assert not len(thumb) or (thumb.start >= 0 and thumb.stop <= height)


def test_rows_out_of_an_array_are_found_as_well() -> None:
    made: Window[int] = Window()
    made.fit(5)
    made.replace(array("Q", [9, 4, 7]))
    assert made.place(7) == 2
    assert made.place(5) is None
    made.move(1)
    made.replace(range(3, 10))
    assert made.key == 4
    made.replace(array("Q", [8, 3]))
    assert made.key == 3


@given(st.permutations(list(range(40))), st.sets(st.integers(0, 39), min_size=1), st.data())
def test_the_nearest_row_left_is_the_nearest(
    before: list[int], after: set[int], data: st.DataObject
) -> None:
    made: Window[int] = Window()
    made.fit(5)
    made.replace(before)
    made.move(at := data.draw(st.integers(0, 39)))
    made.replace(array("Q", sorted(after)))
    nearest = min(abs(before.index(each) - at) for each in after)
    assert made.key is not None
    assert abs(before.index(made.key) - at) == nearest


def test_rows_below_come_into_view_as_far_as_the_cursor_stays_in_it() -> None:
    made = window(20, cursor=3)
    made.reveal(4)
    assert made.top == 0
    made.reveal(6)
    assert (made.top, made.cursor) == (2, 3)
    made.reveal(19)
    assert (made.top, made.cursor) == (3, 3)
