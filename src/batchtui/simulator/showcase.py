"""Messages that are rarer than plain text: together every block type, stop reason and usage field.

The shapes follow the stable content block union of the Messages API.
"""

from batchtui.simulator.blocks import (
    DIRECT,
    Block,
    Exhibit,
    server_tool,
    text,
    thinking,
    tool_error,
    tool_result,
    tool_use,
)

_PLOT = (
    "import csv\nrows = list(csv.DictReader(open('sales.csv')))\n"
    "print(sum(int(r['units']) for r in rows))\n"
)


def _tools() -> list[Exhibit]:
    invoice: Block = {
        "vendor": "Nordlicht Druck GmbH",
        "total": 1284.5,
        "currency": "EUR",
        "due": "2026-12-14",
        "lines": [
            {"what": "Brochures, 2,000", "amount": 1180},
            {"what": "Freight", "amount": 104.5},
        ],
    }
    return [
        Exhibit([tool_use(1, "record_invoice", invoice)], "tool_use"),
        Exhibit(
            [
                thinking("Two questions, two look-ups; neither depends on the other."),
                text("I will look up both orders."),
                tool_use(2, "get_order", {"order": "A-20417"}),
                {**tool_use(3, "get_order", {"order": "A-20418"}), "toolset_name": "orders"},
            ],
            "tool_use",
            usage={"output_tokens_details": {"thinking_tokens": 18}},
        ),
        Exhibit(
            [
                server_tool(4, "code_execution", {"code": "print(await get_order('A-1'))"}),
                tool_use(
                    5,
                    "get_order",
                    {"order": "A-1"},
                    {"type": "code_execution_20260120", "tool_id": "srvtoolu_01Exhibit0004"},
                ),
            ],
            "tool_use",
            container=True,
        ),
        Exhibit(
            [
                tool_use(
                    6,
                    "get_stock",
                    {"sku": "sku-00031"},
                    {"type": "code_execution_20250825", "tool_id": "srvtoolu_01Exhibit0004"},
                ),
            ],
            "tool_use",
            container=True,
        ),
        Exhibit(
            [
                server_tool(7, "tool_search_tool_regex", {"pattern": "order|stock"}),
                tool_result(
                    7,
                    "tool_search",
                    {
                        "type": "tool_search_tool_search_result",
                        "tool_references": [
                            {"type": "tool_reference", "tool_name": "get_order"},
                            {"type": "tool_reference", "tool_name": "get_stock"},
                        ],
                    },
                ),
                tool_use(8, "get_stock", {"sku": "sku-00112"}),
            ],
            "tool_use",
        ),
        Exhibit(
            [
                server_tool(9, "tool_search_tool_bm25", {"query": "cancel a delivery"}),
                tool_error(9, "tool_search", "unavailable"),
                text("There is no tool for cancelling a delivery here. Please call the carrier."),
            ]
        ),
    ]


def _search() -> list[Exhibit]:
    found: list[Block] = [
        {
            "type": "web_search_result",
            "title": "Opening hours - City Museum",
            "url": "https://museum.example/hours",
            "encrypted_content": "EoABCioIBxgCIiQ2NzQ1",
            "page_age": "3 weeks ago",
        },
        {
            "type": "web_search_result",
            "title": "City Museum (encyclopedia)",
            "url": "https://encyclopedia.example/city-museum",
            "encrypted_content": "EpkDCioIBxgCIiQ4OTAx",
            "page_age": None,
        },
    ]
    cited: Block = {
        "type": "web_search_result_location",
        "url": "https://museum.example/hours",
        "title": "Opening hours - City Museum",
        "encrypted_index": "Eo8BCioIAhgBIiQ3",
        "cited_text": "Tuesday to Sunday, 10 to 18. Closed on Mondays.",
    }
    page: Block = {
        "type": "web_fetch_result",
        "url": "https://museum.example/prices",
        "retrieved_at": "2026-11-20T09:30:00Z",
        "content": {
            "type": "document",
            "title": "Prices",
            "citations": {"enabled": True},
            "source": {
                "type": "text",
                "media_type": "text/plain",
                "data": "Adults 12, children free. Thursdays after 16: everybody free.",
            },
        },
    }
    once: Block = {"server_tool_use": {"web_search_requests": 1, "web_fetch_requests": 0}}
    return [
        Exhibit(
            [
                text("I will check the opening hours."),
                server_tool(20, "web_search", {"query": "city museum opening hours"}),
                {**tool_result(20, "web_search", found), "caller": DIRECT},
                text("It opens ", None),
                text("Tuesday to Sunday, from 10 to 18", [cited]),
                text(", and is closed on Mondays."),
            ],
            usage=once,
        ),
        Exhibit(
            [
                server_tool(21, "web_search", {"query": "museum night tickets"}),
                tool_error(21, "web_search", "max_uses_exceeded"),
                text("The search limit is reached, so this answer rests on the brochure alone."),
            ],
            usage=once,
        ),
        Exhibit(
            [
                server_tool(22, "web_fetch", {"url": "https://museum.example/prices"}),
                {**tool_result(22, "web_fetch", page), "caller": DIRECT},
                text("Adults pay 12; Thursdays after 16 everybody is free."),
            ],
            usage={"server_tool_use": {"web_search_requests": 0, "web_fetch_requests": 1}},
        ),
        Exhibit(
            [
                server_tool(23, "web_fetch", {"url": "https://museum.example/gone"}),
                tool_error(23, "web_fetch", "url_not_accessible"),
                server_tool(24, "web_search", {"query": "city museum lost property"}),
            ],
            "pause_turn",
            usage={"server_tool_use": {"web_search_requests": 9, "web_fetch_requests": 1}},
        ),
    ]


def _code() -> list[Exhibit]:
    run: Block = {
        "type": "code_execution_result",
        "stdout": "48213\n",
        "stderr": "",
        "return_code": 0,
        "content": [{"type": "code_execution_output", "file_id": "file_011SimPlot"}],
    }
    secret: Block = {
        "type": "encrypted_code_execution_result",
        "encrypted_stdout": "EpQBCioIBxgCIiQx",
        "stderr": "",
        "return_code": 0,
        "content": [],
    }
    bash: Block = {
        "type": "bash_code_execution_result",
        "stdout": "total 8\n-rw-r--r-- 1 user user 2041 sales.csv\n",
        "stderr": "ls: old.csv: No such file or directory\n",
        "return_code": 1,
        "content": [{"type": "bash_code_execution_output", "file_id": "file_011SimList"}],
    }
    view: Block = {
        "type": "text_editor_code_execution_view_result",
        "file_type": "text",
        "content": "region,units\nnorth,120\nsouth,93\n",
        "num_lines": 3,
        "start_line": 1,
        "total_lines": 3,
    }
    create: Block = {
        "type": "text_editor_code_execution_create_result",
        "is_file_update": False,
    }
    replace: Block = {
        "type": "text_editor_code_execution_str_replace_result",
        "lines": ["-south,93", "+south,94"],
        "old_start": 3,
        "old_lines": 1,
        "new_start": 3,
        "new_lines": 1,
    }
    editor = "text_editor_code_execution"
    return [
        Exhibit(
            [
                server_tool(40, "code_execution", {"code": _PLOT}),
                tool_result(40, "code_execution", run),
                {"type": "container_upload", "file_id": "file_011SimPlot"},
                text("**48,213** units were sold; the plot is attached."),
            ],
            container=True,
        ),
        Exhibit(
            [
                server_tool(41, "code_execution", {"code": "await web_search('rain')"}),
                tool_result(41, "code_execution", secret),
                text("It rained on eleven days."),
            ],
            container=True,
        ),
        Exhibit(
            [
                server_tool(42, "code_execution", {"code": "while True: pass"}),
                tool_error(42, "code_execution", "execution_time_exceeded"),
                text("The calculation did not finish in time; a smaller sample will do."),
            ],
            container=True,
        ),
        Exhibit(
            [
                server_tool(43, "bash_code_execution", {"command": "ls -l sales.csv old.csv"}),
                tool_result(43, "bash_code_execution", bash),
                server_tool(44, editor, {"command": "view", "path": "sales.csv"}),
                tool_result(44, editor, view),
                server_tool(45, editor, {"command": "create", "path": "fix.py"}),
                tool_result(45, editor, create),
                server_tool(46, editor, {"command": "str_replace", "path": "sales.csv"}),
                tool_result(46, editor, replace),
                text("One figure was off by one and is corrected."),
            ],
            container=True,
        ),
        Exhibit(
            [
                server_tool(47, "bash_code_execution", {"command": "make"}),
                tool_error(47, "bash_code_execution", "unavailable"),
                server_tool(48, editor, {"command": "view", "path": "missing.txt"}),
                tool_error(48, editor, "file_not_found"),
                text("Neither the build nor the file could be reached."),
            ],
            container=True,
        ),
    ]


def _citations() -> list[Exhibit]:
    document: Block = {"document_index": 0, "document_title": "Lease", "file_id": None}
    return [
        Exhibit(
            [
                text("The notice period is "),
                text(
                    "three months",
                    [
                        {
                            **document,
                            "type": "char_location",
                            "cited_text": "with three months' notice",
                            "start_char_index": 2204,
                            "end_char_index": 2229,
                        }
                    ],
                ),
                text(", and "),
                text(
                    "pets are allowed",
                    [
                        {
                            **document,
                            "type": "page_location",
                            "document_index": 1,
                            "document_title": "House rules.pdf",
                            "file_id": "file_011SimRules",
                            "cited_text": "Small pets may be kept.",
                            "start_page_number": 4,
                            "end_page_number": 5,
                        },
                        {
                            **document,
                            "type": "content_block_location",
                            "document_index": 2,
                            "document_title": None,
                            "cited_text": "A dog was agreed on 2024-05-02.",
                            "start_block_index": 6,
                            "end_block_index": 7,
                        },
                    ],
                ),
                text(
                    " (see also the wiki).",
                    [
                        {
                            "type": "search_result_location",
                            "cited_text": "Dogs: ask once, in writing.",
                            "search_result_index": 0,
                            "source": "https://wiki.example/tenants",
                            "title": "Tenants' wiki",
                            "start_block_index": 0,
                            "end_block_index": 1,
                        }
                    ],
                ),
            ],
            usage={
                "input_tokens": 410,
                "cache_creation_input_tokens": 6144,
                "cache_creation": {
                    "ephemeral_5m_input_tokens": 2048,
                    "ephemeral_1h_input_tokens": 4096,
                },
            },
        ),
        Exhibit(
            [text("Yes: the lease allows it, as the passage above says.")],
            usage={"input_tokens": 52, "cache_read_input_tokens": 6144},
        ),
    ]


def _endings() -> list[Exhibit]:
    def refusal(category: str | None, explanation: str | None) -> Exhibit:
        details: Block = {"type": "refusal", "category": category, "explanation": explanation}
        return Exhibit([], "refusal", stop_details=details, usage={"output_tokens": 1})

    return [
        Exhibit(
            [text("1. Measure the wall twice.\n2. Mark the height of the shelf.\n3. Drill with")],
            "max_tokens",
        ),
        Exhibit([text("Answer: 42\n")], "stop_sequence", stop_sequence="END"),
        Exhibit(
            [text("The first eleven chapters, in order:\n\n1. The harbour")],
            "model_context_window_exceeded",
            usage={"input_tokens": 199_412, "output_tokens": 588},
        ),
        Exhibit(
            [
                thinking(""),
                {"type": "redacted_thinking", "data": "EmwKAhgBEgy3va3pzix/LafPsn4="},
                text("The shorter route is the better one, even in winter."),
            ],
            usage={"output_tokens": 612, "output_tokens_details": {"thinking_tokens": 590}},
        ),
        refusal("cyber", "The request asks for a working exploit."),
        refusal("bio", "The request asks for a laboratory protocol that could cause harm."),
        refusal("frontier_llm", None),
        refusal("reasoning_extraction", "The request asks for the model's internal reasoning."),
        refusal("general_harms", None),
        refusal(None, None),
        Exhibit(
            [text("The first step is to look at which version of the server is running, and then")],
            "refusal",
            stop_details={"type": "refusal", "category": "cyber", "explanation": None},
        ),
    ]


EXHIBITS: tuple[Exhibit, ...] = (*_tools(), *_search(), *_code(), *_citations(), *_endings())
