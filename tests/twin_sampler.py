"""Naive twin of the sampler: hazards to shocks, told again in plain Python.

Reads the hazards themselves, not the compiled rules, and takes its random words from numpy's
Philox. Only the inversion of a distribution (tested by itself) is shared.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import itertools
import math
from typing import Any, NamedTuple

import numpy as np

from sim.network.distribution import Distribution
from sim.shocks.distributions import encode_all
from sim.shocks.kernel.quantile import quantile
from sim.shocks.kernel.special import ndtr, ndtri


class Shock(NamedTuple):
    onset: float
    hazard: str
    event: int
    announce: float
    end: float
    off: bool
    rows: list[tuple[str, str, tuple[int, ...], list[tuple[float, float]]]]


@functools.cache
def u01(seed: int, name: str, replication: int, index: int) -> float:
    stream = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")
    block = index // 4 + (stream << 64) + (replication << 128)
    words = np.random.Philox(counter=(block - 1) % 2**256, key=seed).random_raw(4)
    return (float(int(words[index % 4]) >> 11) + 0.5) * 2.0**-53


def invert(number: Any, u: float) -> float:
    dist = number if isinstance(number, Distribution) else Distribution(value=float(number))
    return float(quantile(encode_all([dist]), 0, u))


def exponential(u: float) -> float:
    return invert(Distribution(family="exponential", mean=1.0), u)


class Twin:
    """One scenario, one seed; ``shocks(replication)`` tells one future."""

    def __init__(self, hazards, tensions, compiled, network, start, horizon_days, seed):
        self.hazards, self.tensions, self.start = hazards, tensions, start
        self.compiled, self.network = compiled, network
        self.horizon, self.seed = horizon_days, seed
        self.sites = range(len(compiled.labels.site))
        self.copies = self._copies()
        self.beyond = self._beyond()

    # --- who is who

    def _copies(self) -> dict[str, tuple[str, str | None, bool, str | None]]:
        """Copy name -> (hazard, place, outages act on that place alone, parent copy)."""
        done: dict[str, list[tuple[str, str | None, bool, str | None]]] = {}
        while len(done) < len(self.hazards):
            for name, hazard in self.hazards.items():
                after = hazard.onset.after
                if name not in done and (after is None or after in done):
                    done[name] = self._copies_of(name, hazard, done[after] if after else None)
        return {c[0]: (name, *c[1:]) for name, group in done.items() for c in group}

    def _copies_of(self, name, hazard, parents):
        sites: list[str] | None = None
        if hazard.each_site is not None:
            chosen = [i for i in self.sites if self.fits(hazard.each_site, i)]
            if all(e.kind == "outage" for e in hazard.effects.values()):
                chosen = [i for i in chosen if self.compiled.chain.kind[i] in (0, 1)]
            sites = sorted({self.place(i) for i in chosen})
        if parents is None:
            if sites is None:
                return [(name, None, False, None)]
            return [(f"{name}/{s}", s, True, None) for s in sites]
        out = []
        for p_name, p_site, _, _ in parents:
            slash = p_name[p_name.index("/") :] if "/" in p_name else ""
            if sites is None:
                out.append((name + slash, p_site, False, p_name))
                continue
            for s in sites:
                if s == p_site:
                    out.append((name + slash, s, True, p_name))
                elif s not in [q[1] for q in parents]:
                    out.append((f"{name}/{s}{slash}", s, True, p_name))
        return out

    def place(self, i: int) -> str:
        """The host of a site, by its tag, else its own name."""
        labels = self.compiled.labels
        for tag in labels.site_tags[i]:
            if tag[:5] == "host:":
                return tag
        return labels.site_parent[i]

    def _beyond(self) -> dict[str, float]:
        """Days past the horizon up to which onsets are drawn."""
        own = {
            c: max(0.0, invert(self.hazards[v[0]].notice_days, 1 - 1e-6))
            for c, v in self.copies.items()
        }
        for _ in own:  # as deep as chains of triggers can be
            for c, v in self.copies.items():
                if v[3] is not None:
                    own[v[3]] = max(own[v[3]], own[c])
        return own

    def fits(self, selector, i: int) -> bool:
        labels = self.compiled.labels
        kinds = ("mine", "refiner", "end_user", "reserve")
        have = {
            "site": [labels.site_parent[i]],
            "kind": [kinds[self.compiled.chain.kind[i]]],
            "product": [labels.site_product[i]],
            "country": [labels.site_country[i]],
            "sector": [labels.site_sector[i]],
            "tag": list(labels.site_tags[i]),
        }
        for key, values in have.items():
            asked = getattr(selector, key)
            if asked is not None:
                asked = [asked] if isinstance(asked, str) else asked
                if not set(asked) & set(values):
                    return False
        if selector.region is None:
            return True
        asked = [selector.region] if isinstance(selector.region, str) else selector.region
        members = [m for a in asked for m in self.network.blocs.get(a, [])]
        return (labels.site_region[i] in [*asked, *members]) or labels.site_country[i] in members

    def targets(self, copy: str, effect) -> tuple[int, ...]:
        name, place, alone, _ = self.copies[copy]
        each = self.hazards[name].each_site
        chain, labels = self.compiled.chain, self.compiled.labels
        if effect.kind == "outage":
            return tuple(
                i
                for i in self.sites
                if chain.kind[i] in (0, 1)
                and (
                    self.place(i) == place and self.fits(each, i)
                    if alone
                    else self.fits(effect.sites, i)
                )
            )
        if effect.kind == "demand":
            return tuple(i for i in self.sites if chain.kind[i] == 2 and self.fits(effect.sites, i))
        out = []
        for l in range(len(chain.supplier)):
            seller, buyer = int(chain.supplier[l]), int(chain.feed_site[chain.lane_feed[l]])
            if effect.kind == "route":
                hit = bool(set(effect.routes) & set(labels.lane_routes[l]))
            else:
                hit = self.fits(effect.origin, seller)
                if effect.to == "all_but_home":
                    hit = hit and labels.site_country[seller] != labels.site_country[buyer]
                else:
                    hit = hit and self.fits(effect.to, buyer)
                if effect.exempt is not None:
                    hit = hit and not self.fits(effect.exempt, buyer)
            if hit:
                out.append(l)
        return tuple(out)

    # --- chance

    def draw(self, number, copy, event, slot, replication, aspect=None) -> float:
        u = u01(self.seed, f"hazard:{copy}", replication, 16 * event + slot)
        link = self.hazards[self.copies[copy][0]].copula if aspect else None
        return invert(number, self.tie(link, aspect, u, replication))

    def tie(self, link, aspect, u, replication) -> float:
        if link is None or aspect not in link.draws:
            return u
        index = ["onset", "duration", "severity", "approval"].index(aspect)
        z = ndtri(u01(self.seed, f"factor:{link.factor}", replication, index))
        v = ndtr(math.sqrt(link.correlation) * z + math.sqrt(1 - link.correlation) * ndtri(u))
        return min(max(v, 2.0**-60), 1 - 2.0**-53)

    def day(self, when) -> float:
        return float((when - self.start).days) if isinstance(when, dt.date) else float(when)

    def poisson(self, copy, hazard, replication):
        """Yield (event, onset), by adding up small pieces of rate x time."""
        rate = hazard.onset.rate_per_year
        steps = (
            [(-math.inf, rate)]
            if not isinstance(rate, list)
            else [(self.day(a), b) for a, b in rate]
        )
        until = self.horizon + self.beyond[copy]
        link, mood, switches = hazard.tension, None, [math.inf]
        if link is not None:
            mood = self.tensions[link.name]
            stream = f"tension:{link.name}"
            share = {
                "calm": 0.0,
                "tense": 1.0,
                "stationary": mood.tense_days / (mood.calm_days + mood.tense_days),
            }[mood.start]
            tense_first = u01(self.seed, stream, replication, 0) < share
            switches, state, at = [], tense_first, 0.0
            while at < until:
                mean = mood.tense_days if state else mood.calm_days
                gap = mean * exponential(u01(self.seed, stream, replication, len(switches) + 1))
                at, state = at + gap, not state
                switches.append(at)
        t = 0.0
        for event in itertools.count():
            u = u01(self.seed, f"hazard:{copy}", replication, 16 * event)
            need = exponential(
                self.tie(hazard.copula, "onset", u, replication) if event == 0 else u
            )
            while True:
                if t >= until:
                    return
                now = [b / 365.0 for a, b in steps if a <= t]
                speed = now[-1] if now else 0.0
                edge = min(
                    [a for a, _ in steps if a > t] + [s for s in switches if s > t] + [math.inf]
                )
                if mood is not None:
                    tense = tense_first ^ (sum(s <= t for s in switches) % 2 == 1)
                    speed = speed * (link.tense if tense else link.calm)
                if speed > 0 and need <= speed * (edge - t):
                    t = min(t + need / speed, edge)
                    break
                if speed > 0:
                    need -= speed * (edge - t)
                t = edge
            if t >= until:
                return
            yield event, t

    def events(self, copy, replication, parents):
        """Return all events of a copy as dicts, those outside the simulated time included."""
        name, _, _, parent = self.copies[copy]
        hazard = self.hazards[name]
        onset, out, count = hazard.onset, [], 0

        def late(event):
            if u01(self.seed, f"hazard:{copy}", replication, 16 * event + 1) >= onset.probability:
                return None
            return self.draw(onset.delay_days, copy, event, 2, replication, "onset")

        def add(event, day):
            nonlocal count
            out.append(self.event(copy, hazard, event, day, replication))
            count += self.seen(out[-1])

        def full():
            return hazard.max_events is not None and count >= hazard.max_events

        if onset.rate_per_year is not None:
            for event, day in self.poisson(copy, hazard, replication):
                if full():
                    break
                add(event, day)
        elif onset.up_days is not None:
            t = self.draw(onset.begin_days, copy, 0, 9, replication)
            for event in itertools.count():
                aspect = "onset" if event == 0 else None
                t += max(0.0, self.draw(onset.up_days, copy, event, 0, replication, aspect))
                if t >= self.horizon + self.beyond[copy] or full():
                    break
                add(event, t)
                t = out[-1]["end"]
        elif parent is not None:
            for p in parents:
                if p["off"] or full():
                    continue
                delay = late(p["event"])
                if delay is not None:
                    add(p["event"], p["end" if onset.at == "end" else "onset"] + max(0.0, delay))
        else:
            delay = late(0)
            day = self.day(onset.date if onset.date is not None else onset.day)
            if delay is not None and day + delay < self.horizon + self.beyond[copy]:
                add(0, day + delay)
        return out

    def event(self, copy, hazard, event, onset, replication):
        notice = max(0.0, self.draw(hazard.notice_days, copy, event, 3, replication))
        off = u01(self.seed, f"hazard:{copy}", replication, 16 * event + 4) < hazard.called_off
        acute = chronic = 0.0
        profile = hazard.profile
        if not off:
            if profile.table is not None:
                acute = self.table(hazard)[-1][0]
            else:
                acute = max(
                    0.0, self.draw(hazard.duration_days, copy, event, 5, replication, "duration")
                )
            if profile.chronic is not None:
                chronic = max(
                    0.0, self.draw(profile.chronic.duration_days, copy, event, 6, replication)
                )
        end = onset if off else onset + acute + chronic + profile.easing_days
        return {
            "event": event,
            "onset": onset,
            "announce": onset - notice,
            "off": bool(off),
            "acute": acute,
            "chronic": chronic,
            "end": end,
        }

    def seen(self, event) -> bool:
        return event["end"] > 0 and event["announce"] < self.horizon

    # --- what it does

    def table(self, hazard) -> list[tuple[float, float]]:
        first = hazard.onset.date if hazard.onset.date is not None else hazard.onset.day
        return [
            (self.day(d) - self.day(first) if isinstance(d, dt.date) else float(d), level)
            for d, level in hazard.profile.table
        ]

    def course(self, hazard, e, peak, chronic_level, clip):
        """Return the points of one number over a shock."""
        profile, t0 = hazard.profile, e["onset"]
        peak = clip(peak)
        if profile.table is not None:
            points = [(t0 + d, clip(level * peak)) for d, level in self.table(hazard)]
        else:
            ramp, points = profile.ramp_in_days, []
            if ramp > 0:
                points.append((t0, 0.0))
                if ramp > e["acute"]:
                    peak = peak * (e["acute"] / ramp)
                points.append((t0 + min(ramp, e["acute"]), peak))
            else:
                points.append((t0, peak))
            t, level = t0 + e["acute"], peak
            points.append((t, level))
            if e["chronic"] > 0:
                low = clip(chronic_level)
                if profile.relax_days > e["chronic"]:
                    low = level + (low - level) * (e["chronic"] / profile.relax_days)
                points.append((t + min(profile.relax_days, e["chronic"]), low))
                t, level = t + e["chronic"], low
                points.append((t, level))
            if profile.easing_days > 0:
                points.append((t + profile.easing_days, 0.0))
        return [p for n, p in enumerate(points) if n == 0 or p != points[n - 1]]

    def rows(self, copy, e, replication):
        hazard = self.hazards[self.copies[copy][0]]
        out = []
        for name in sorted(hazard.effects):
            effect = hazard.effects[name]
            targets = self.targets(copy, effect)
            if not targets:
                continue
            own = f"{copy}/{name}"

            def mine(number, slot, tied=False, own=own):
                u = u01(self.seed, f"hazard:{own}", replication, 16 * e["event"] + slot)
                return invert(
                    number, self.tie(hazard.copula if tied else None, "severity", u, replication)
                )

            if u01(self.seed, f"hazard:{own}", replication, 16 * e["event"]) >= effect.probability:
                continue
            for kind, points in self.effect_rows(copy, hazard, e, effect, replication, mine):
                if any(v != 0 for _, v in points) and points[-1][0] > points[0][0]:
                    out.append((own, kind, targets, points))
            if effect.kind == "control" and effect.approval is not None and not e["off"]:
                passing = 1.0 - min(max(0.0, mine(effect.leakage, 2)), 1.0)
                out += self.parts(own, hazard, e, effect, targets, passing, replication)
        return out

    # --- licences that go to firms

    def parts(self, own, hazard, e, effect, lanes, passing, replication):
        """Return a row for each buyer who is still kept out after day 0."""
        chain, labels, out = self.compiled.chain, self.compiled.labels, []
        buyer = {l: int(chain.feed_site[chain.lane_feed[l]]) for l in lanes}
        shape = self.course(hazard, e, passing, passing, lambda x: min(max(0.0, x), 1.0))
        for b in sorted(set(buyer.values())):
            name, applicants = labels.site[b], [labels.site[b]]
            if "#" not in name:
                n = self.network.sites[name].firms or effect.approval.firms
                n = 1 if chain.kind[b] == 2 else n
                applicants = [f"{name}#{j}" for j in range(1, n + 1)]
            rule = self.verdict(effect.approval, labels.site_country[b], labels.site_region[b])
            let_in = [
                (day, number, share)
                for number, applicant in enumerate(applicants)
                for day, share in self.licence(f"{own}/{applicant}", hazard, rule, e, replication)
            ]
            points = self.kept_out(shape, sorted(let_in), len(applicants))
            if (
                any(v != 0 for _, v in points)
                and points[-1][0] > points[0][0]
                and points[-1][0] > 0
            ):
                mine = tuple(l for l in lanes if buyer[l] == b)
                out.append((f"{own}/{name}", "lane_cap", mine, points))
        return out

    def verdict(self, approval, country, region):
        """What holds for a destination, as a dict."""
        words = ("days", "refused", "reapply_days", "share")
        blocs = [n for n in approval.by if {country, region} & set(self.network.blocs.get(n, []))]
        for name in (country, region, *blocs):
            if name in approval.by:
                given = {w: getattr(approval.by[name], w) for w in words}
                return {w: getattr(approval, w) if v is None else v for w, v in given.items()}
        return {w: getattr(approval, w) for w in words}

    def licence(self, stream, hazard, rule, e, replication):
        """Return day and share of an applicant's licence; nothing where it never gets one."""

        def u(slot):
            return u01(self.seed, f"hazard:{stream}", replication, 16 * e["event"] + slot)

        day = e["onset"]
        for request in range(7):
            slot = 1 + 2 * request
            day += max(
                0.0,
                invert(rule["days"], self.tie(hazard.copula, "approval", u(slot), replication)),
            )
            if u(slot + 1) >= rule["refused"]:
                return [(day, min(max(0.0, invert(rule["share"], u(0))), 1.0))]
            if rule["reapply_days"] is None:
                return []
            day += rule["reapply_days"]
        return []

    @staticmethod
    def kept_out(shape, let_in, n):
        """Return a course after steps down: each of its segments cut at the days of approval."""

        def left(k):
            return max(0.0, 1.0 - sum((s for _, _, s in let_in[:k]), 0.0) / n)

        k = sum(day <= shape[0][0] for day, _, _ in let_in)
        points = [(shape[0][0], shape[0][1] * left(k))] if left(k) > 0 else []
        for (d0, v0), (d1, v1) in itertools.pairwise(shape):
            if left(k) == 0:
                break
            inside = [day for day, _, _ in let_in if d0 < day <= d1]
            for day in inside:
                level = v0 + (v1 - v0) * ((day - d0) / (d1 - d0))
                points += [(day, level * left(k)), (day, level * left(k + 1))]
                k += 1
            if left(k) > 0:
                points.append((d1, v1 * left(k)))
        return [p for i, p in enumerate(points) if i == 0 or p != points[i - 1]]

    def effect_rows(self, copy, hazard, e, effect, replication, mine):
        def share(x):
            return min(max(0.0, x), 1.0)

        def change(x):
            return max(-0.999999, x)

        def positive(x):
            return max(0.0, x)

        clip = change if effect.kind == "demand" else share
        if not e["off"] and getattr(effect, "approval", None) is None:
            if effect.kind == "control" and effect.type == "quota":
                severity = 1.0 - mine(effect.quota, 3)
            elif effect.kind == "control" and effect.type == "tariff":
                severity = 1.0 - (1.0 + effect.tariff) ** effect.elasticity
            elif effect.severity is not None:
                severity = mine(effect.severity, 1, tied=True)
            elif hazard.severity is not None:
                severity = self.draw(hazard.severity, copy, e["event"], 8, replication, "severity")
            else:
                severity = 1.0 if effect.kind == "control" and effect.type == "ban" else 0.0
            severity, later, passing = clip(severity), clip(0.0), 1.0
            if hazard.profile.chronic is not None:
                later = clip(
                    self.draw(hazard.profile.chronic.severity, copy, e["event"], 7, replication)
                )
            if effect.kind == "control":
                passing = 1.0 - share(mine(effect.leakage, 2))
            kind = {
                "outage": "output" if getattr(effect, "of", "") == "output" else "availability",
                "control": "lane_cap",
                "route": "hold",
                "demand": "demand",
            }[effect.kind]
            yield kind, self.course(hazard, e, severity * passing, later * passing, clip)
            days = None
            if effect.kind == "control" and effect.type == "licensing":
                days = mine(effect.processing_days, 4)
            elif effect.kind == "route":
                days = mine(effect.extra_transit_days, 5)
            if days is not None:
                days = max(0.0, days)
                rest = days * (later / severity) if severity > 0 else days
                yield "extra_days", self.course(hazard, e, days, rest, positive)
        if effect.kind == "control":
            yield "announced", [(e["announce"], 1.0), (e["onset"], 1.0)]

    def shocks(self, replication: int) -> list[Shock]:
        """Return the shocks of a replication in the order of the tape."""
        drawn: dict[str, list[dict[str, Any]]] = {}
        while len(drawn) < len(self.copies):
            for copy, (_, _, _, parent) in self.copies.items():
                if copy not in drawn and (parent is None or parent in drawn):
                    drawn[copy] = self.events(copy, replication, drawn.get(parent or "", []))
        return sorted(
            Shock(
                e["onset"],
                copy,
                e["event"],
                e["announce"],
                e["end"],
                e["off"],
                self.rows(copy, e, replication),
            )
            for copy, events in drawn.items()
            for e in events
            if self.seen(e)
        )
