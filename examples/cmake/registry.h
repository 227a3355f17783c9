// How often kernel libraries registered themselves in this program.
#pragma once

int count_registrations(void);
