"""The Cypher of the Neo4j store. Labels and relation types are our own names; every value is a parameter."""

from __future__ import annotations

from graph.stores.neo4j.records import HELD, LABELS

ALL = (*LABELS.values(), "Delta", "Proposal")
_HEAD = "p.seq AS seq, p.hash AS hash, p.chain AS chain, p.erasures AS erasures"

READ_HEAD = f"MATCH (p:Person {{id: $person}}) RETURN {_HEAD}"

LOCK = f"""
MATCH (p:Person {{id: $person}}) SET p.locked = true
WITH p REMOVE p.locked
RETURN {_HEAD}
"""
"""A read of several rows sees other transactions' commits half done; so it waits for the person's lock."""

LOCK_FOR_COMMIT = f"""
MERGE (p:Person {{id: $person}})
ON CREATE SET p.seq = 0, p.hash = $hash, p.chain = $chain, p.erasures = 0
SET p.locked = true
WITH p REMOVE p.locked
WITH p
OPTIONAL MATCH (known:Delta {{person: $person, id: $id}})
OPTIONAL MATCH (undone:Delta {{person: $person, id: $undoes}})
RETURN {_HEAD}, known.body AS known, undone.body AS undone
"""

HEADS = "MATCH (p:Person) WHERE p.seq > 0 RETURN p.id AS person, p.seq AS seq, p.hash AS hash"

PEOPLE = """
CALL () { MATCH (p:Person) RETURN p.id AS person UNION MATCH (x:Proposal) RETURN x.person AS person }
RETURN person ORDER BY person
"""

# What is many comes in one row, as a list: the driver spends most of its time on rows.
ENTITIES = "\nUNION ALL ".join(
    f"MATCH (n:{label} {{person: $person}}) WHERE n.id IS NOT NULL RETURN collect(properties(n)) AS entities"
    for label in LABELS.values()
)

LINKS = "\nUNION ALL ".join(
    f"MATCH (a:{label} {{person: $person}})-[r:{kinds}]->(b) WHERE a.id IS NOT NULL "
    "RETURN collect({kind: type(r), source: a.id, target: b.id}) AS links"
    for label, kinds in (
        ("Facet", "REFINES|SCOPED_TO|REMEMBERS"),
        ("Intent", "SCOPED_TO|REMEMBERS"),
        ("Exception", "EXCEPTS"),
    )
)

ENTRIES = """
MATCH (d:Delta {person: $person}) WHERE d.seq > $after
WITH d ORDER BY d.seq
RETURN collect(properties(d)) AS deltas
"""

FIND = "MATCH (d:Delta {person: $person, id: $id}) RETURN properties(d) AS delta"

COUNTS = """
MATCH (p:Person {id: $person})
RETURN COUNT { (p)-[:LOGGED]->(:Delta) } AS logged, COUNT { (p)-[:HOLDS]->() } AS held,
       COUNT { (p)-[:LOGGED]->(:Delta)-[:TOUCHES]->() } AS touched
"""

WRITE_HEAD = """
MATCH (p:Person {id: $person})
SET p.seq = $seq, p.hash = $hash, p.chain = $chain, p.erasures = $erasures
"""

WRITE_ENTRY = """
MATCH (p:Person {id: $person})
SET p.seq = $seq, p.hash = $hash, p.chain = $chain, p.erasures = $erasures
CREATE (p)-[:LOGGED]->(d:Delta)
SET d = $delta
WITH d
MATCH (undone:Delta {person: $person, id: $undoes})
CREATE (d)-[:UNDOES]->(undone)
"""

WRITE_ENTRIES = """
MATCH (p:Person {id: $person})
UNWIND $deltas AS row
CREATE (p)-[:LOGGED]->(d:Delta)
SET d = row
"""

WRITE_UNDOES = """
UNWIND $rows AS row
MATCH (d:Delta {person: $person, id: row.id}), (undone:Delta {person: $person, id: row.undoes})
CREATE (d)-[:UNDOES]->(undone)
"""

REPLACE_ENTRY = "MATCH (d:Delta {person: $person, id: $id}) SET d = $delta"


def write_entities(label: str) -> str:
    """Make or set nodes; `$delta` is the id of the delta that touches them."""
    holds = "WITH d, n MATCH (p:Person {id: $person}) MERGE (p)-[:HOLDS]->(n)" if label in HELD else ""
    return f"""
MATCH (d:Delta {{person: $person, id: $delta}})
UNWIND $rows AS row
MERGE (n:{label} {{person: $person, id: row.id}})
SET n = row
MERGE (d)-[:TOUCHES]->(n)
{holds}
"""


def adopt_entities(label: str) -> str:
    """Make the nodes of a log that was taken over."""
    holds = "WITH n MATCH (p:Person {id: $person}) CREATE (p)-[:HOLDS]->(n)" if label in HELD else ""
    return f"UNWIND $rows AS row CREATE (n:{label}) SET n = row {holds}"


def adopt_touches(label: str) -> str:
    return f"""
UNWIND $rows AS row
MATCH (d:Delta {{person: $person, id: row.delta}}), (n:{label} {{person: $person, id: row.entity}})
CREATE (d)-[:TOUCHES]->(n)
"""


def make_links(kind: str, source: str, target: str) -> str:
    return f"""
UNWIND $rows AS row
MATCH (a:{source} {{person: $person, id: row.source}}), (b:{target} {{person: $person, id: row.target}})
CREATE (a)-[:{kind}]->(b)
"""


def remove_links(kind: str, source: str, target: str) -> str:
    return f"""
UNWIND $rows AS row
MATCH (:{source} {{person: $person, id: row.source}})-[r:{kind}]->(:{target} {{person: $person, id: row.target}})
DELETE r
"""


def erase_words(label: str) -> str:
    """Set nodes to nameless tombstones and cut their relations, but for who holds and what touched them."""
    return f"""
UNWIND $rows AS row
MATCH (n:{label} {{person: $person, id: row.id}})
SET n = row
WITH n OPTIONAL MATCH (n)-[r:REFINES|EXCEPTS|SCOPED_TO|REMEMBERS]-()
DELETE r
"""


def erase_all(label: str) -> str:
    return f"MATCH (n:{label} {{person: $person}}) WHERE n.id IS NOT NULL DETACH DELETE n"


ERASE_PERSON = "MATCH (p:Person {id: $person}) DETACH DELETE p"

PROPOSE = """
MERGE (x:Proposal {person: $person, id: $id})
ON CREATE SET x.state = $state, x.source = $source, x.why = $why, x.body = $body
"""
PROPOSALS = """
MATCH (x:Proposal {person: $person}) WHERE x.id IS NOT NULL AND ($state IS NULL OR x.state = $state)
RETURN x.id AS id, x.body AS body, x.state AS state ORDER BY x.id
"""
PROPOSAL = "MATCH (x:Proposal {person: $person, id: $id}) RETURN x.body AS body, x.state AS state"
LOCK_PROPOSAL = """
MATCH (x:Proposal {person: $person, id: $id}) SET x.locked = true
WITH x REMOVE x.locked
RETURN x.body AS body, x.state AS state
"""
CLOSE_PROPOSAL = "MATCH (x:Proposal {person: $person, id: $id}) SET x.state = $state"
ERASE_PROPOSAL = "MATCH (x:Proposal {person: $person, id: $id}) DELETE x"
