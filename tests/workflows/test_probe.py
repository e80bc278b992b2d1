import asyncio, time, pytest
from temporalio.testing import WorkflowEnvironment
from datetime import timedelta
from tests.workflows.office import *
from tests.workflows.office import Office, named, kinds

async def test_basic(office: Office):
    m = await office.describe()
    async with office.worker():
        v = office.version(m)
        st = await v.asked()
        a = await v.ask(v.decision(st.signoffs[0], "ana"))
        print(a.sequence, a.recorded)
        print(kinds(await v.settled()))
        ev = await v.history()
        print(len(ev), len(named(ev,"TIMER_STARTED")))

async def test_skip(skipping: WorkflowEnvironment, engine):
    office = Office(engine, skipping.client)
    d = {**REVIEW, "roles": ["validator","ciso"], "escalations": {"std":[{"after":"50%","remind":"owners"},{"after":"100%","tell":"manager"},{"after":"150%","ask":"ciso"}]}}
    d["stages"] = [{**REVIEW["stages"][0], "escalate":"std"}]
    m = await office.describe(d, owners={"validator":("ana","ben"),"ciso":("cho",)})
    async with office.worker():
        v = office.version(m)
        t0 = time.time()
        st = await v.asked()
        print(time.time()-t0)
        await skipping.sleep(timedelta(days=5))
        print(time.time()-t0)
        for f in await v.settled(): print(f.at, f.kind)
        ev = await v.history()
        print(len(ev), len(named(ev,"TIMER_STARTED")))
