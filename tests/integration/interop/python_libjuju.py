"""What python-libjuju 3.6.1.3 does to a model and to the backends of its controller, as this library sees it.

Usage: scripts/with-mock-controller JUJU-MOCK-CONTROLLER --profile 3.6 -- python python_libjuju.py INTEROP-VIEW

Each step makes calls of the Python library and compares what interop_view prints. Where that library damages data, the damage is
asserted as it is: this library must show it, neither hide it nor fail on it.
"""

import asyncio
import base64
import os
import pathlib
import subprocess
import sys
import tempfile

import juju.errors
from juju.controller import Controller
from juju.model import Model

steps = 0


def view_all():
    """What `view` and `view_backends` give."""
    run = subprocess.run([sys.argv[1]], check=True, capture_output=True, text=True)
    assert run.stderr == "", run.stderr
    secrets = {}
    backends = {}
    for line in run.stdout.splitlines():
        kind, *fields = line.split("\t")
        if kind == "secret":
            _, name, info, revision, applications = fields
            content = {}
            secrets[name] = (info, int(revision), sorted(applications.split()), content)
        elif kind == "value":
            key, text, state = fields
            content[key] = (text, state)
        elif kind == "backend":
            name, backend_type, status = fields
            settings = {}
            backends[name] = (backend_type, status, settings)
        else:
            key, text = fields
            settings[key] = text
    return secrets, backends


def view():
    """Name to (description, latest revision, applications, {key: (base64, state)}), as interop_view sees the model."""
    return view_all()[0]


def view_backends():
    """Name to (type, status, {setting: text}), as interop_view sees the controller."""
    return view_all()[1]


def good(value):
    return (base64.b64encode(value).decode(), "decodable")


def expect(what, actual, expected):
    global steps
    steps += 1
    if actual != expected:
        sys.exit(f"FAILED {what}\n  expected {expected!r}\n  got      {actual!r}")
    print(f"ok {what}")


async def failure(call):
    """The exception that a call raises."""
    try:
        await call
    except Exception as error:
        return error
    return None


async def add(model, directory):
    uri = await model.add_secret("my-apitoken", ["token=34ae35facd4"], info="for the web shop")
    expect("add: the URI", uri.startswith("secret:") and len(uri) == len("secret:") + 20, True)
    expect("add: one secret", view(), {"my-apitoken": ("for the web shop", 1, [], {"token": good(b"34ae35facd4")})})

    # Values that releases before 3.6.1 cut off: this one keeps them whole.
    await model.add_secret("tails", ["stop=STOP", "equal=abc=", "padded#base64=SGVsbG8="])
    expect(
        "add: values that end in P or =",
        view()["tails"][3],
        {"stop": good(b"STOP"), "equal": good(b"abc="), "padded": good(b"Hello")},
    )

    # It takes any text for base64 and never looks at it.
    await model.add_secret("unpadded", ["token#base64=SGVsbG8", "other#base64=c2VjcmV0"])
    expect(
        "add: base64 without padding is stored, shown as damaged, and hides no other value",
        view()["unpadded"][3],
        {"token": ("SGVsbG8", "damaged"), "other": good(b"secret")},
    )

    # `rstrip("#file")` takes off every trailing letter of "file", and files are read as text.
    file = directory / "content"
    file.write_bytes(b"a\r\nb")
    await model.add_secret("from-file", [f"profile#file={file}", f"token#file={file}"])
    expect(
        "add: key#file= loses letters of the key and carriage returns of the file",
        view()["from-file"][3],
        {"pro": good(b"a\nb"), "token": good(b"a\nb")},
    )
    error = await failure(model.add_secret("no-key", [f"file#file={file}"]))
    expect("add: a key of such letters only is refused", (type(error), str(error)), (ValueError, "Not valid key: "))

    mapping = directory / "mapping.yaml"
    mapping.write_text("list: [one, two]\n")
    await model.add_secret("from-yaml", [], file=str(mapping))
    expect("add: a YAML list is stored as Python writes it", view()["from-yaml"][3], {"list": good(b"['one', 'two']")})
    mapping.write_text("port: 5432\n")
    error = await failure(model.add_secret("number", [], file=str(mapping)))
    expect("add: a YAML number is refused by accident", type(error), TypeError)

    error = await failure(model.add_secret("my-apitoken", ["token=another"]))
    expect("add: a taken name", isinstance(error, juju.errors.JujuError) and "already exists" in str(error), True)


async def list_all(model):
    listed = await model.list_secrets(show_secrets=True)
    expect("list: the same names", sorted(secret.label for secret in listed), sorted(view()))
    values = {secret.label: secret.value.data for secret in listed}
    expect(
        "list: the same values",
        values,
        {name: {key: text for key, (text, _) in content.items()} for name, (_, _, _, content) in view().items()},
    )


async def grant_and_revoke(model):
    await model.grant_secret("my-apitoken", "ubuntu")
    expect("grant: one application", view()["my-apitoken"][2], ["ubuntu"])
    await model.revoke_secret("my-apitoken", "ubuntu")
    expect("revoke: one application", view()["my-apitoken"][2], [])

    # It expects one result whatever the number of applications, and then fails in making the error.
    error = await failure(model.grant_secret("my-apitoken", "gitlab", "postgresql"))
    expect("grant: several applications raise after the fact", type(error), TypeError)
    expect("grant: and are granted", view()["my-apitoken"][2], ["gitlab", "postgresql"])
    error = await failure(model.revoke_secret("my-apitoken", "gitlab", "postgresql"))
    expect("revoke: several applications raise after the fact", type(error), TypeError)
    expect("revoke: and are revoked", view()["my-apitoken"][2], [])

    error = await failure(model.grant_secret("my-apitoken", "mysql", "no-such-application"))
    expect("grant: a good and a bad application raise", isinstance(error, juju.errors.JujuError), True)
    expect("grant: and the good one is granted", view()["my-apitoken"][2], ["mysql"])


async def update(model):
    await model.update_secret("my-apitoken", ["token=n3w"], new_name="new-token", info="rotated")
    expect(
        "update: everything",
        (view().get("my-apitoken"), view()["new-token"]),
        (None, ("rotated", 2, ["mysql"], {"token": good(b"n3w")})),
    )

    # What is not given is sent as an empty text, and that is a value.
    await model.update_secret("new-token", ["token=n3wer"])
    expect("update: a new value erases name and description", view()[""], ("", 3, ["mysql"], {"token": good(b"n3wer")}))
    error = await failure(model.update_secret("tails", ["stop=GO"]))
    expect(
        "update: which Juju 3.6 refuses for the second secret of a model",
        'secret with name "" already exists' in str(error),
        True,
    )


async def remove(model):
    await model.update_secret("from-file", ["pro=second"], new_name="from-file", info="kept")
    expect("remove: before", view()["from-file"][1], 2)
    await model.remove_secret("from-file", 1)
    expect("remove: one revision leaves the latest", view()["from-file"], ("kept", 2, [], {"pro": good(b"second")}))
    names = set(view())
    await model.remove_secret("from-file")
    expect("remove: all revisions", set(view()), names - {"from-file"})


async def backends(controller):
    vault = {"endpoint": "https://vault.example.com:8200", "token": "s.abc"}
    expect("backends: none at first", view_backends(), {})
    await controller.add_secret_backends(id_="", name="myvault", backend_type="vault", config=vault)
    expect("backends: added", view_backends(), {"myvault": ("vault", "active", vault)})
    error = await failure(controller.add_secret_backends(id_="", name="myvault", backend_type="vault", config=vault))
    expect("backends: a taken name is refused", "already exists" in str(error), True)

    listed = await controller.list_secret_backends()
    names = sorted(entry["result"].name for entry in map(vars, listed["results"]))
    expect("backends: listed", names, ["internal", "myvault"])

    await controller.update_secret_backends(name="myvault", config={"token": "s.def"}, name_change="vault2")
    expect("backends: renamed, with a new token", view_backends(), {"vault2": ("vault", "active", vault | {"token": "s.def"})})
    await controller.remove_secret_backends("vault2")
    expect("backends: removed", view_backends(), {})


async def through_the_client_store():
    """`connect()` as a user of the juju command writes it: controller, account and model come from the files in JUJU_DATA."""
    model = Model()
    await model.connect()
    try:
        expect("store: the model", model.info.uuid, os.environ["JUJU_MODEL_UUID"])
        others = view()
        await model.add_secret("from-store", ["token=34ae35facd4"], info="by the store")
        expect("store: add", view()["from-store"], ("by the store", 1, [], {"token": good(b"34ae35facd4")}))
        names = sorted(secret.label or "" for secret in await model.list_secrets())
        expect("store: list", names, sorted([*others, "from-store"]))
        await model.update_secret("from-store", ["token=n3w"], new_name="renamed", info="updated")
        expect("store: update", view()["renamed"], ("updated", 2, [], {"token": good(b"n3w")}))
        await model.grant_secret("renamed", "gitlab")
        expect("store: grant", view()["renamed"][2], ["gitlab"])
        await model.revoke_secret("renamed", "gitlab")
        expect("store: revoke", view()["renamed"][2], [])
        await model.remove_secret("renamed")
        expect("store: remove", view(), others)
    finally:
        await model.disconnect()
    model = Model()
    await model.connect("mock:admin/demo")
    try:
        expect("store: the model by name", model.info.uuid, os.environ["JUJU_MODEL_UUID"])
    finally:
        await model.disconnect()


async def main():
    where = {
        "endpoint": os.environ["JUJU_ENDPOINT"],
        "username": os.environ["JUJU_USERNAME"],
        "password": os.environ["JUJU_PASSWORD"],
        "cacert": pathlib.Path(os.environ["JUJU_CA_CERT"]).read_text(),
    }
    controller = Controller()
    await controller.connect(**where)
    try:
        await backends(controller)
    finally:
        await controller.disconnect()
    model = Model()
    await model.connect(uuid=os.environ["JUJU_MODEL_UUID"], **where)
    try:
        with tempfile.TemporaryDirectory() as directory:
            await add(model, pathlib.Path(directory))
        await list_all(model)
        await grant_and_revoke(model)
        await update(model)
        await remove(model)
    finally:
        await model.disconnect()
    await through_the_client_store()
    print(f"{steps} checks passed")


if __name__ == "__main__":
    asyncio.run(main())
