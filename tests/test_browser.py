"""The pages in a real browser: headless Chromium, where this machine has one. Nothing is asked of anybody but the server."""

import json
import shutil
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.browsing import HOSTILE, make, serving
from zjcrawl.unseen import visible

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="no Chromium with its chromedriver here: apt-get install chromium chromium-driver"
)
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
)  # fmt: skip
Q = quote("长三角一体化")
PAGES = (
    "/", f"/search?q={Q}", "/search?channel=jx&from=2023", "/search?q=%22", "/article/1", "/article/1/diff", "/article/2",
    "/article/3", "/stats?by=reporter", f"/timeline?q={Q}", f"/cooccur?a={quote('嘉兴')}&b={quote('一体化')}", "/coverage",
    "/coverage?channel=jx&from=2023&to=2024", "/questions", "/archive", "/archive/articles", "/archive/articles/2",
    f"/archive/mentions?q={Q}", "/nowhere",
)  # fmt: skip


class Browser:
    """A browser at one server: goes to pages and tells what it asked of whom."""

    def __init__(self, driver: Any, address: str) -> None:
        self.driver, self.address = driver, address

    def go(self, path: str, width: int = 1280, *, dark: bool = False, language: str = "en") -> None:
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        self.driver.execute_cdp_cmd("Network.enable", {})
        self.driver.execute_cdp_cmd("Network.setExtraHTTPHeaders", {"headers": {"Accept-Language": language}})
        self.driver.get(self.address + path)

    def run(self, script: str) -> Any:
        return self.driver.execute_script(script)

    def asked(self) -> list[str]:
        """Every address that was asked for since the last time."""
        told = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        return [one["params"]["request"]["url"] for one in told if one["method"] == "Network.requestWillBeSent"]

    def complaints(self) -> list[str]:
        """What stands in its console, but for answers that are meant to be refusals."""
        entries = [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] != "INFO"]
        return [one for one in entries if "status of 404" not in one and "status of 400" not in one]

    def press(self, *keys: str) -> None:
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.driver).send_keys(*keys).perform()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    selenium = pytest.importorskip("selenium.webdriver")
    from selenium.webdriver.chrome.service import Service

    options = selenium.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    with serving(make(tmp_path_factory.mktemp("archive"))) as (_, address):
        driver = selenium.Chrome(options=options, service=Service(DRIVER))
        try:
            yield Browser(driver, address)
        finally:
            driver.quit()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_every_screen_and_asks_nobody_else(browser: Browser, path: str) -> None:
    from selenium.webdriver.common.keys import Keys

    browser.asked(), browser.complaints()
    for width, dark, language in ((1280, True, "en"), (360, False, "zh")):
        browser.go(path, width, dark=dark, language=language)
        assert browser.run("return document.documentElement.scrollWidth") == width
        assert browser.run("return document.documentElement.lang") == {"zh": "zh-Hans", "en": "en"}[language]
        assert browser.run("return typeof window.hacked") == "undefined"
        light = browser.run("return getComputedStyle(document.documentElement).backgroundColor")
        assert (light == "rgb(251, 250, 246)") is not dark
    browser.press(Keys.TAB)
    assert browser.run("return document.activeElement.className") == "skip"
    asked = browser.asked()
    assert any(address.startswith(f"{browser.address}/static/style.css") for address in asked)
    own = (browser.address + "/", "chrome://", "data:")  # the last two are the browser's own pictures in a field
    assert [address for address in asked if not address.startswith(own)] == []
    assert browser.complaints() == []


@pytest.mark.parametrize("path", ["/article/2", f"/search?q={quote('嘉兴')}&tag=%E5%B8%82%E5%A7%94", "/archive/articles/2", "/stats?by=tag"])  # fmt: skip
def test_hostile_text_runs_nothing(browser: Browser, path: str) -> None:
    from selenium.common.exceptions import NoAlertPresentException

    browser.go(path)
    with pytest.raises(NoAlertPresentException):
        _ = browser.driver.switch_to.alert
    assert browser.run("return typeof window.hacked") == "undefined"
    assert browser.run("return document.scripts.length") == 1
    assert browser.run("return document.images.length") == 0


def test_what_hides_and_reorders_is_written_out(browser: Browser) -> None:
    browser.go("/article/2")
    said = browser.run("return document.querySelector('article h1').innerText")
    assert said.replace("\n", " ").strip() == visible(HOSTILE.replace("\x00", "\ufffd"))


def test_a_policy_keeps_what_slipped_through_from_running(browser: Browser) -> None:
    browser.go("/article/1")
    browser.run("""
        document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.hacked = 1'>");
        const script = document.createElement("script");
        script.textContent = "window.hacked = 2";
        document.body.append(script);
        fetch("http://127.0.0.1:9/").catch(() => { window.refused = true; });""")
    browser.driver.implicitly_wait(0)
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(browser.driver, 5).until(lambda _: browser.run("return window.refused"))
    assert browser.run("return typeof window.hacked") == "undefined"
    assert not [address for address in browser.asked() if ":9/" in address]
    assert browser.complaints() != []


def test_without_a_mouse(browser: Browser) -> None:
    from selenium.webdriver.common.keys import Keys

    browser.go("/search?channel=jx")
    browser.press("/")
    assert browser.run("return document.activeElement.name") == "q"
    browser.press("G60/", Keys.ENTER)  # a slash that is typed is one
    assert browser.run("return document.querySelector('#q').value") == "G60/"
    assert browser.run("return location.search") == "?q=G60%2F&channel=jx&sort=newest"
    browser.go(f"/search?q={Q}")
    browser.press(Keys.TAB, Keys.ENTER)
    assert browser.run("return location.hash") == "#main"
    for _ in range(40):
        browser.press(Keys.TAB)
        if browser.run("return document.activeElement.closest('.result') !== null"):
            break
    outline = browser.run("return getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    browser.press(Keys.ENTER)
    assert browser.run("return location.pathname").startswith("/article/")


def test_a_language_is_chosen_by_a_click(browser: Browser) -> None:
    from selenium.webdriver.common.by import By

    browser.go("/article/1")
    browser.driver.find_element(By.CLASS_NAME, "language").click()
    assert browser.run("return document.documentElement.lang") == "zh-Hans"
    browser.go("/archive/articles?state=live")
    assert browser.run("return document.documentElement.lang") == "zh-Hans"
    browser.driver.find_element(By.CLASS_NAME, "language").click()
    assert browser.run("return document.documentElement.lang") == "en"
    assert browser.run("return location.pathname + location.search") == "/archive/articles?state=live"
    browser.driver.delete_all_cookies()


def test_matches_are_aligned(browser: Browser) -> None:
    browser.go(f"/search?q={Q}")
    places = browser.run("return [...document.querySelectorAll('.kwic mark')].map(m => m.getBoundingClientRect().left)")
    assert len(places) > 10
    assert max(places) - min(places) < 1
