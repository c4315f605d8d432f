"""Drives the phone with the serial in argv[1] through uiautomator2, whose adb server is named by the environment."""
import sys

import uiautomator2

phone = uiautomator2.connect(sys.argv[1])
assert phone.info["displayWidth"] == 1080, phone.info
assert phone.window_size() == (1080, 2400)
assert "com.deftly.notes" in phone.app_list()

icon = phone(resourceId="com.deftly.launcher:id/app_notes")
assert icon.wait(timeout=10)
phone(text=icon.get_text()).click(timeout=10)
assert phone(resourceId="com.deftly.notes:id/new").wait(timeout=10), phone.dump_hierarchy()
assert phone.app_current()["package"] == "com.deftly.notes"
phone(resourceId="com.deftly.notes:id/new").click()

field = phone(className="android.widget.EditText")
assert field.wait(timeout=10)
field.click()
phone.send_keys("Grüße ✓")
assert phone(textContains="Grüße ✓").wait(timeout=10), phone.dump_hierarchy()

assert phone.screenshot().size == (1080, 2400)
phone.press("home")
phone.app_start("com.deftly.settings", stop=True)
assert phone(packageName="com.deftly.settings").wait(timeout=10)
assert phone(clickable=True).count > 2
phone.app_stop("com.deftly.settings")
assert phone(packageName="com.deftly.launcher").wait(timeout=10)
assert not phone(text="nowhere").exists(timeout=1)
print("uiautomator2 works")
